/** @file Which package may import which: one way, in no circle, and only what its own package.json names. */

/** The packages and libraries each package may import; whoever needs one more writes it here, in sight. */
const imports = {
  graph: [],
  hub: ['@huggingface/hub', 'client-zip', 'hash-wasm', 'idb-keyval'],
  tokenizers: ['hub', '@huggingface/jinja'],
  processors: ['hub'],
  models: ['graph'],
  runtime: ['graph', 'hub', 'comlink', 'onnxruntime-web'],
  webformers: [
    'graph',
    'hub',
    'tokenizers',
    'processors',
    'models',
    'runtime',
    'hyparquet',
    'hyparquet-compressors',
  ],
}

// Tests and their helpers may import anything; so may scripts, which are .mjs.
const sources = (name) => ({
  path: `^packages/${name}/src/.*[.]ts$`,
  pathNot: '[.](test|test-d)[.]ts$|/testing/',
})
const place = (name) => (name in imports ? `packages/${name}/` : `node_modules/${name}/`)

const direction = Object.entries(imports).map(([name, allowed]) => ({
  name: `${name}-imports-${allowed.length ? allowed.join('-') : 'nothing'}`,
  severity: 'error',
  from: sources(name),
  to: { pathNot: [name, ...allowed].map(place) },
}))

export default {
  forbidden: [
    ...direction,
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    // an address on the page's own server is no module of ours
    { name: 'nothing-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^/' } },
    {
      name: 'only-what-package.json-names',
      severity: 'error',
      from: sources('[^/]+'),
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'nothing-for-development',
      severity: 'error',
      from: sources('(?!tokenizers/)[^/]+'), // built with all it imports inside: nobody has to install that
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(packages/[^/]+|demos)/dist/' },
    tsPreCompilationDeps: true, // a type-only import ties two files together as well
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@webformers/source', 'import', 'browser', 'default', 'types'],
    },
  },
}
