// A drop-down list that stands among an explorer's sliders and is linked to the chart as they are.

import { heard } from "../../hear.js";
import { choice } from "./frame.js";

export default {
  render: heard(({ model, el }) => {
    const select = choice(el, model.get("description"), model.get("options"), (value) => {
      model.set("value", value);
      model.save_changes();
    });
    const update = () => {
      select.value = model.get("value");
    };
    model.on("change:value", update);
    update();
    return () => model.off("change:value", update);
  }),
};
