// Where the browser blocks storage (an embedded page, cookies off), the page's own memory stands in for it: Gradio and the
// editor read and write as ever, and nothing outlasts the page.
for (const name of ["localStorage", "sessionStorage"]) {
  try {
    window[name].length; // reading it throws where it is blocked
  } catch {
    const kept = new Map();
    const standIn = {
      getItem: (key) => kept.get(String(key)) ?? null,
      setItem: (key, value) => void kept.set(String(key), String(value)),
      removeItem: (key) => void kept.delete(String(key)),
      clear: () => kept.clear(),
      key: (index) => [...kept.keys()][index] ?? null,
      get length() {
        return kept.size;
      },
    };
    Object.defineProperty(window, name, { value: standIn, configurable: true });
    window.storageBlocked = true;
  }
}
