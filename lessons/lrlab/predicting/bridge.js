// Hands what a learner predicts from the page to the kernel. It has no view: forms are plain HTML.
export default {
  initialize({ model }) {
    const hand = ({ detail }) => model.send(detail);
    document.addEventListener("lrlab-predicted", hand);
    return () => document.removeEventListener("lrlab-predicted", hand);
  },
};
