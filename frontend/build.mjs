/* Builds what the browser and the FEEL engine load, and only what has changed since the last time. */

import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(ROOT, ...parts);

const BRIDGE = at('processes/engine/feel_bridge.js');
const BRIDGE_PARTS = ['feel_bridge', 'feel_core', 'decision_bridge', 'survey_bridge'].map((part) => at(`processes/engine/${part}.js`));
const FEEL_FOLDER = at('processes/engine/build');
const STATIC = at('webapp/static/build');
const ALWAYS = [at('package-lock.json'), at('frontend/build.mjs')];

const PAGES = ['base', 'live', 'form', 'diagram', 'modeler', 'form-editor', 'table-editor', 'parameters'];
const SHEETS = ['base', 'form', 'modeler', 'form-editor', 'table-editor', 'parameters'];

/* DKFDS's colours by what they paint. */
const TONES = {
  text: { '#fff': 'on-accent', '#1a1a1a': 'ink', '#454545': 'ink-soft', '#707070': 'ink-soft', '#c00': 'bad', '#004d99': 'link', purple: 'visited' },
  outline: { '#454545': 'focus' },
  other: {
    '#fff': 'paper', '#f5f5f5': 'paper-soft', '#dcdcdc': 'paper-strong', '#bfbfbf': 'line', '#8e8e8e': 'line-strong',
    '#707070': 'line-strong', '#454545': 'accent', '#1a1a1a': 'ink', '#c00': 'bad',
    '#ffe0e0': 'bad-paper', '#fec': 'warn-paper', '#e2f2fb': 'info-paper', '#ddf7ce': 'good-paper',
  },
};

/** feelin sorts numbers as texts: the median of 10, 9 and 2 was 2. */
const MEDIAN = ['const sorted = array.slice().sort();', 'const sorted = array.slice().sort((a, b) => a - b);'];

/** What the packages write into their code and we need otherwise; the build fails when the place has moved. */
const INSTEAD = {
  'node_modules/@bpmn-io/form-js-viewer/dist/index.es.js': [
    ["valueLabel || 'Select'", "valueLabel || (document.documentElement.lang.startsWith('en') ? 'Select' : 'Vælg')"],
    ['placeholder: getLocaleReadableDateFormat()', "placeholder: getLocaleReadableDateFormat().replace(/y/g, document.documentElement.lang.startsWith('en') ? 'y' : 'å')"],
  ],
  /* A constructed sheet passes the content security policy; a style element does not. */
  'node_modules/style-mod/src/style-mod.js': [['!root.head && root.adoptedStyleSheets', 'root.adoptedStyleSheets']],
  /* The FEEL bridge keeps what parsing gave, and tells functions from names. */
  'node_modules/feelin/dist/index.js': [['export { FeelDate,', 'export { InterpreterContext, builtins, getType, interpreter, FeelDate,'], MEDIAN],
  'node_modules/@bpmn-io/feelin/dist/index.js': [MEDIAN],
};

const replacements = {
  name: 'replacements',
  setup(run) {
    run.onLoad({ filter: /(form-js-viewer|style-mod|feelin).*\.js$/ }, ({ path }) => {
      const wanted = INSTEAD[relative(ROOT, path).replaceAll('\\', '/')];
      if (!wanted) return undefined;
      let contents = readFileSync(path, 'utf8');
      for (const [words, ours] of wanted) {
        if (!contents.includes(words)) throw new Error(`${path} no longer says ${words}`);
        contents = contents.replaceAll(words, ours);
      }
      return { contents, loader: 'js' };
    });
  },
};

/** The form editor has no translation service: its words pass through ours on their way into the bundle. */
const formEditorWords = {
  name: 'form-editor-words',
  setup(run) {
    const editor = '@bpmn-io[\\\\/]form-js-editor[\\\\/]';
    const filter = new RegExp(`${editor}(dist|node_modules[\\\\/]@bpmn-io[\\\\/]form-js-viewer[\\\\/]dist)[\\\\/]index\\.es\\.js$`);
    run.onLoad({ filter }, async ({ path }) => {
      const known = (await import(at('frontend/da/form-editor.js'))).default;
      const say = (whole, before, quote, words) => (words in known ? `${before}vejviserWords(${quote}${words}${quote})` : whole);
      const contents = readFileSync(path, 'utf8')
        .replace(/((?:[:?=] |\|\| |return |translate\())(['"])([^'"\\\n]{2,140})\2/g, say);
      return { contents: `import vejviserWords from ${JSON.stringify(at('frontend/studio/form_words.js'))};\n${contents}`, loader: 'js' };
    });
  },
};

await unlessFresh('FEEL bridge', BRIDGE_PARTS, FEEL_FOLDER, buildFeel);
await unlessFresh('pages', filesBelow(at('frontend')), STATIC, buildPages);

async function unlessFresh(name, sources, folder, make) {
  const missing = sources.find((file) => !existsSync(file));
  if (missing) {
    console.log(`${name}: skipped, ${relative(ROOT, missing)} does not exist`);
    return;
  }
  const stamp = join(folder, '.stamp');
  const digest = digestOf([...ALWAYS, ...sources]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) {
    console.log(`${name}: up to date`);
    return;
  }
  const begun = Date.now();
  const fresh = `${folder}.${process.pid}`;
  try {
    mkdirSync(fresh, { recursive: true });
    await make(fresh, digest);
    writeFileSync(join(fresh, '.stamp'), digest);
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  console.log(`${name}: built in ${Date.now() - begun} ms`);
}

/** One script for a bare V8: it may use the language, but neither Node nor a page. */
async function buildFeel(folder) {
  await build({
    entryPoints: [BRIDGE],
    outfile: join(folder, 'feel.js'),
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['import', 'default'],
    target: 'es2022',
    charset: 'utf8',
    plugins: [replacements],
    legalComments: 'none',
    logLevel: 'warning',
  });
}

async function buildPages(folder, digest) {
  copyDesignSystem(folder);
  const present = (names, ending) =>
    names.map((name) => at('frontend', name + ending)).filter((file) => existsSync(file));
  await build({
    entryPoints: [...present(PAGES, '.js'), ...present(SHEETS, '.css')],
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    charset: 'utf8',
    loader: { '.woff2': 'dataurl', '.woff': 'empty', '.svg': 'dataurl', '.ttf': 'empty', '.eot': 'empty' },
    external: ['./dkfds/*'],
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [formEditorWords, replacements],
    legalComments: 'none',
    logLevel: 'warning',
  });
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ version: digest.slice(0, 12) }));
}

/** DKFDS as files of our own, without its font rules: base.css names the WOFF2 files alone. */
function copyDesignSystem(folder) {
  const from = at('node_modules/dkfds/dist');
  const to = join(folder, 'dkfds');
  const fonts = 'fonts/IBMPlexSans/complete/woff2';
  for (const part of [fonts, 'img/svg-icons', 'img/all-svg-icons.svg']) {
    cpSync(join(from, part), join(to, part), { recursive: true });
  }
  mkdirSync(join(to, 'css'));
  writeFileSync(join(to, 'css/dkfds.css'), inOurColours(readFileSync(join(from, 'css/dkfds.min.css'), 'utf8')));
}

/** DKFDS writes its colours out; by name they follow our accent and the reader's dark mode. */
function inOurColours(css) {
  return css
    .replace(/@font-face\s*\{[^}]*\}/g, '')
    .replace(/\/\*# source.*$/s, '')
    .replace(/([{;])([a-z-]+):([^;{}]+)/g, (whole, before, property, value) => {
      if (value.includes('url(')) return whole;
      const tones = property === 'color' || property === 'fill' ? TONES.text : property === 'outline' ? TONES.outline : TONES.other;
      return `${before}${property}:${value.replace(/#[0-9a-f]{3,8}\b|\bpurple\b/gi, (colour) =>
        tones[colour.toLowerCase()] ? `var(--${tones[colour.toLowerCase()]})` : colour)}`;
    });
}

function digestOf(files) {
  const hash = createHash('sha256');
  for (const file of [...files].sort()) hash.update(relative(ROOT, file)).update('\0').update(readFileSync(file));
  return hash.digest('hex');
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
}
