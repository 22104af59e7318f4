/* Builds what the browser and the FEEL engine load, and only what has changed since the last time. */

import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(ROOT, ...parts);

const BRIDGE = at('processes/engine/feel_bridge.js');
const FEEL = at('processes/engine/build/feel.js');
const STATIC = at('webapp/static/build');
const ALWAYS = [at('package-lock.json'), at('frontend/build.mjs')];

const PAGES = ['base', 'live', 'form', 'diagram', 'modeler', 'form-editor'];
const SHEETS = ['base', 'form', 'modeler', 'form-editor'];

await unlessFresh('FEEL bridge', [BRIDGE], dirname(FEEL), buildFeel);
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
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await make(digest);
  writeFileSync(stamp, digest);
  console.log(`${name}: built in ${Date.now() - begun} ms`);
}

/** One script for a bare V8: it may use the language, but neither Node nor a page. */
async function buildFeel() {
  await build({
    entryPoints: [BRIDGE],
    outfile: FEEL,
    bundle: true,
    minify: true,
    format: 'iife',
    globalName: 'feel',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['import', 'default'],
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
  });
}

async function buildPages(digest) {
  copyDesignSystem();
  const present = (names, ending) =>
    names.map((name) => at('frontend', name + ending)).filter((file) => existsSync(file));
  await build({
    entryPoints: [...present(PAGES, '.js'), ...present(SHEETS, '.css')],
    outdir: STATIC,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    charset: 'utf8',
    loader: { '.woff2': 'dataurl', '.woff': 'dataurl', '.svg': 'dataurl', '.ttf': 'empty', '.eot': 'empty' },
    external: ['/static/*'],
    define: { 'process.env.NODE_ENV': '"production"' },
    alias: singleCopies(),
    legalComments: 'none',
    logLevel: 'warning',
  });
  writeFileSync(join(STATIC, 'manifest.json'), JSON.stringify({ version: digest.slice(0, 12) }));
}

/** The editors bring copies of Preact; two on one page lose each other's hooks. */
function singleCopies() {
  return {};
}

/** DKFDS as files of our own, without its font rules: base.css names the WOFF2 files alone. */
function copyDesignSystem() {
  const from = at('node_modules/dkfds/dist');
  const to = join(STATIC, 'dkfds');
  const fonts = 'fonts/IBMPlexSans/complete/woff2';
  for (const part of [fonts, 'img/svg-icons', 'img/all-svg-icons.svg']) {
    cpSync(join(from, part), join(to, part), { recursive: true });
  }
  const css = readFileSync(join(from, 'css/dkfds.min.css'), 'utf8');
  mkdirSync(join(to, 'css'));
  writeFileSync(join(to, 'css/dkfds.css'), css.replace(/@font-face\s*\{[^}]*\}/g, '').replace(/\/\*# source.*$/s, ''));
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
