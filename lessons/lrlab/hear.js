// Keeps the kernel's messages to a widget whose code came late.

/** anywidget gives the code of a widget two seconds to load. When they are over it drops whatever
 *  the kernel says to this widget, for as long as the page lives, the rest of its first values
 *  included. Then take the messages without it, and wait for all values to be sent once more. */
export async function hear(model) {
  const own = await model.widget_manager?.get_model(model.get("own")).catch(() => null);
  if (!own?.comm?.on_msg || !own._handle_comm_msg) return; // A front end that has its own ways.
  try {
    await own._handle_comm_msg({ content: { data: {} } }); // It says nothing, but is dropped alike.
  } catch {
    const { _handle_comm_msg: take } = Object.getPrototypeOf(Object.getPrototypeOf(own));
    await new Promise((resolve) => {
      own.comm.on_msg(async (message) => {
        await take.call(own, message);
        if ("own" in (message.content.data.state ?? {})) resolve();
      });
      own.comm.send({ method: "request_state" }, own.callbacks());
    });
  }
}

/** A widget's `render` that begins once its page hears the kernel, and has all values. */
export function heard(render) {
  return async (given) => {
    await hear(given.model);
    return render(given);
  };
}
