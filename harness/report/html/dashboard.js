// What the page gains by a script: one machine at a time, and a filter of cases.
'use strict';
document.documentElement.classList.add('js');

const chooser = document.querySelector('#machine');
function showMachine() {
    document.querySelectorAll('.machine').forEach((section) => { section.hidden = section.id !== chooser.value; });
}
chooser?.addEventListener('change', showMachine);
if (chooser) showMachine();

const filter = document.querySelector('#filter');
filter.addEventListener('input', () => {
    const words = filter.value.toLowerCase().split(/\s+/);
    document.querySelectorAll('.card').forEach((card) => {
        const text = card.querySelector('h3').textContent.toLowerCase();
        card.hidden = !words.every((word) => text.includes(word));
    });
});
