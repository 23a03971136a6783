// A link that is pasted into an open page is followed as in a new one.
addEventListener("hashchange", () => location.hash.includes("pose=") && location.reload());
