// Every prediction has this: it hides at once, also before page.js is there to make the form.
(root => {
  root.dataset.state = "waiting";
  window.lrlabPredict?.(root);
})(document.currentScript.previousElementSibling);
