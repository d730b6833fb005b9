// What the page gains by a script: a timeline that zooms and tells, and a filter of cases.
'use strict';
document.documentElement.classList.add('js');

const view = document.querySelector('.view');
const canvas = document.querySelector('.canvas');
const selection = document.querySelector('.selection');
const bars = canvas ? [...canvas.querySelectorAll('.bar')] : [];

// Browsers stop laying out at some 2^25 px.
const WIDTH_MAX = 16e6;
let zoom = 1;

// ---- The axis: some eight ticks in what is seen, at 1, 2 or 5 times a power of ten ----
const total = canvas ? Number(canvas.dataset.ns) : 0;

function duration(ns, step) {
    const [unit, name] = step >= 1e9 ? [1e9, 's'] : step >= 1e6 ? [1e6, 'ms'] : step >= 1e3 ? [1e3, 'µs'] : [1, 'ns'];
    return `${+(ns / unit).toFixed(1)} ${name}`;
}

function drawTicks() {
    canvas.querySelectorAll('.tick').forEach((tick) => tick.remove());
    const perPixel = total / canvas.clientWidth;
    const rough = perPixel * Math.max(view.clientWidth / 8, 80);
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [1, 2, 5, 10].find((n) => n * power >= rough);
    const from = Math.floor(view.scrollLeft * perPixel / step) * step;
    const to = Math.min(total, (view.scrollLeft + 2 * view.clientWidth) * perPixel);
    const drawn = document.createDocumentFragment();
    for (let at = Math.max(from, 0); at <= to; at += step) {
        const tick = document.createElement('span');
        tick.className = 'tick';
        tick.style.left = `${100 * at / total}%`;
        tick.textContent = duration(at, step);
        drawn.append(tick);
    }
    canvas.prepend(drawn);
}

// Keeps what is at `x` (pixels from the left of the view) where it is.
function setZoom(wanted, x = view.clientWidth / 2) {
    const at = (view.scrollLeft + x) / canvas.clientWidth;
    zoom = Math.min(Math.max(wanted, 1), WIDTH_MAX / view.clientWidth);
    canvas.style.width = `${100 * zoom}%`;
    view.scrollLeft = at * canvas.clientWidth - x;
    drawTicks();
}

// ---- What a bar tells ----
let chosen = null;

function tell(bar) {
    selection.textContent = `${bar.title}\n`;
    const link = document.createElement('a');
    link.href = bar.getAttribute('href');
    link.textContent = 'show in its case';
    selection.append(link);
}

function choose(bar) {
    if (chosen) {
        chosen.classList.remove('chosen');
        chosen.tabIndex = -1;
    }
    chosen = bar;
    bar.classList.add('chosen');
    bar.tabIndex = 0;
    tell(bar);
}

function showBar(bar) {
    choose(bar);
    bar.focus({preventScroll: true});
    bar.scrollIntoView({block: 'nearest', inline: 'nearest'});
}

// Fills the view with a bar and a little around it.
function zoomTo(bar) {
    const share = Math.max(bar.offsetWidth / canvas.clientWidth, 1e-7);
    setZoom(0.8 / share);
    view.scrollLeft = bar.offsetLeft - 0.1 * view.clientWidth;
    drawTicks();
}

const keys = {
    '+': () => setZoom(zoom * 2), '=': () => setZoom(zoom * 2), '-': () => setZoom(zoom / 2), 0: () => setZoom(1),
    z: () => chosen && zoomTo(chosen),
    ArrowRight: () => showBar(bars[Math.min(bars.indexOf(chosen) + 1, bars.length - 1)]),
    ArrowLeft: () => showBar(bars[Math.max(bars.indexOf(chosen) - 1, 0)]),
};

if (bars.length) {
    bars.forEach((bar) => { bar.tabIndex = -1; });
    bars[0].tabIndex = 0;
    canvas.addEventListener('mouseover', (event) => {
        const bar = event.target.closest('.bar');
        if (bar) tell(bar);
    });
    canvas.addEventListener('mouseleave', () => chosen && tell(chosen));
    canvas.addEventListener('focusin', (event) => choose(event.target.closest('.bar') || bars[0]));
    // A click tells; Enter on a chosen bar and the link that is shown go to the case.
    canvas.addEventListener('click', (event) => {
        const bar = event.target.closest('.bar');
        if (!bar || event.detail === 0) return;
        event.preventDefault();
        choose(bar);
    });
    canvas.addEventListener('dblclick', (event) => {
        const bar = event.target.closest('.bar');
        if (bar) zoomTo(bar);
    });
    view.addEventListener('keydown', (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
        event.preventDefault();
        keys[event.key]();
    });
    view.addEventListener('wheel', (event) => {
        if (!event.ctrlKey && !event.shiftKey) return;
        event.preventDefault();
        const turn = event.deltaY || event.deltaX;
        setZoom(zoom * 2 ** (-turn / 200), event.clientX - view.getBoundingClientRect().left);
    }, {passive: false});
    view.addEventListener('scroll', drawTicks);
    window.addEventListener('resize', drawTicks);
    document.querySelectorAll('.tools [data-key]').forEach((button) => {
        button.addEventListener('click', () => keys[button.dataset.key]());
    });
    drawTicks();
}

// ---- Cases: a link into a closed one opens it ----
function openTarget() {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (!target) return;
    for (let at = target; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
    target.scrollIntoView({block: 'nearest'});
}
window.addEventListener('hashchange', openTarget);
openTarget();

const filter = document.querySelector('#filter');
filter?.addEventListener('input', () => {
    const words = filter.value.toLowerCase().split(/\s+/);
    document.querySelectorAll('details.case').forEach((item) => {
        const text = item.querySelector('summary').textContent.toLowerCase();
        item.hidden = !words.every((word) => text.includes(word));
    });
});

// ---- Programs: all of them as data; only the rows in view are drawn ----
const data = document.querySelector('#program-data');
if (data) {
    const ROW = 26; // px, as .programs tr in the style sheet
    const [CASE, ID, PID, HOST, GUEST, EXIT, TEXT] = [0, 1, 2, 3, 4, 5, 6];
    const counts = data.dataset.cost === 'instructions';
    const columns = [
        {name: 'case', at: ID}, {name: 'pid', at: PID, number: true}, {name: 'host', at: HOST, number: true},
        {name: data.dataset.cost, at: GUEST, number: true}, {name: 'exit', at: EXIT}, {name: 'program, arguments', at: TEXT},
    ];
    const programs = JSON.parse(data.textContent);
    const words = programs.map((row) => `${row[ID]} ${row[EXIT]} ${row[TEXT]}`.toLowerCase());
    const box = document.querySelector('#programs');
    const search = document.querySelector('#search');
    const found = document.querySelector('#found');
    const table = document.createElement('table');
    const body = document.createElement('tbody');
    let order = programs.map((_, index) => index);
    let sorted = {column: columns[2], down: true};

    const milliseconds = (ns) => (ns < 0 ? '-' : `${(ns / 1e6).toFixed(3)} ms`);
    const texts = {
        [HOST]: (row) => milliseconds(row[HOST]),
        [GUEST]: (row) => (counts ? String(row[GUEST]) : milliseconds(row[GUEST])),
    };

    function drawRow(index) {
        const row = programs[index];
        const line = document.createElement('tr');
        for (const column of columns) {
            const cell = document.createElement('td');
            if (column.number) cell.className = 'n';
            if (column.at === ID) {
                const link = document.createElement('a');
                link.href = `#c${row[CASE]}`;
                link.textContent = row[ID];
                cell.append(link);
            } else {
                cell.textContent = texts[column.at] ? texts[column.at](row) : row[column.at];
                cell.title = cell.textContent;
            }
            line.append(cell);
        }
        return line;
    }

    // A row of the height of all that are above the view, and one of those below.
    function gap(rows) {
        const line = document.createElement('tr');
        line.className = 'gap';
        line.style.height = `${rows * ROW}px`;
        return line;
    }

    function draw() {
        const first = Math.max(0, Math.floor(box.scrollTop / ROW) - 5);
        const last = Math.min(order.length, first + Math.ceil(box.clientHeight / ROW) + 10);
        body.replaceChildren(gap(first), ...order.slice(first, last).map(drawRow), gap(order.length - last));
    }

    function choose() {
        const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
        const {column, down} = sorted;
        const compare = column.number ? (a, b) => programs[a][column.at] - programs[b][column.at]
            : (a, b) => (programs[a][column.at] < programs[b][column.at] ? -1 : +(programs[a][column.at] > programs[b][column.at]));
        order = programs.map((_, index) => index).filter((index) => wanted.every((word) => words[index].includes(word)));
        order.sort((a, b) => (down ? compare(b, a) : compare(a, b)) || a - b);
        found.textContent = `${order.length} of ${programs.length}`;
        box.scrollTop = 0;
        draw();
    }

    const head = document.createElement('tr');
    for (const column of columns) {
        const cell = document.createElement('th');
        const button = document.createElement('button');
        button.textContent = column.name;
        button.addEventListener('click', () => {
            sorted = {column, down: sorted.column === column ? !sorted.down : Boolean(column.number)};
            head.querySelectorAll('th').forEach((other) => other.removeAttribute('aria-sort'));
            cell.setAttribute('aria-sort', sorted.down ? 'descending' : 'ascending');
            choose();
        });
        if (column === sorted.column) cell.setAttribute('aria-sort', 'descending');
        if (column.number) cell.className = 'n';
        cell.append(button);
        head.append(cell);
    }
    const top = document.createElement('thead');
    top.append(head);
    table.append(top, body);
    box.append(table);
    box.addEventListener('scroll', draw);
    window.addEventListener('resize', draw);
    search.addEventListener('input', choose);
    choose();
}
