// Runs before the page is drawn, so that it does not flash in the other colours.
const root = document.documentElement;
root.classList.remove('no-script');
const appearance = localStorage.getItem('appearance');
if (appearance === 'light' || appearance === 'dark') root.dataset.appearance = appearance;
