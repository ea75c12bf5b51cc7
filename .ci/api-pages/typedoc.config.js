// `npm run docs:api`: the pages in dist/api, from the doc comments of what the package entries export, and of the types
// that those refer to (under "not exported"). A warning is an error: a {@link} to nothing, a tag that TypeDoc does not know.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Converter } from 'typedoc'

const ROOT = join(import.meta.dirname, '../..')
const { name, exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

/**
 * The name under which an entry is imported, by the path of its source without `.ts`. The JSON Schema has no source, and
 * the types of the constructs need aws-cdk-lib, which is not installed here (docs/deploying.md has their options).
 */
const IMPORTS = new Map(
  Object.entries(exports)
    .filter(([entry, { types }]) => types !== undefined && entry !== './cdk')
    .map(([entry, { types }]) => [types.slice('./dist/package/'.length, -'.d.ts'.length), join(name, entry)]),
)

/** Modules are named as they are imported, and not by the path of their source. */
function nameModules(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children) {
      const source = module.sources[0].fileName.replace(/\.ts$/, '')
      module.name = IMPORTS.get(source)
    }
  })
}

export default {
  name: `${name} API`,
  entryPoints: [...IMPORTS.keys()].map((source) => join(ROOT, `${source}.ts`)),
  tsconfig: join(ROOT, 'tsconfig.package.json'),
  basePath: ROOT,
  out: join(ROOT, 'dist/api'),
  readme: 'none',
  plugin: ['typedoc-plugin-missing-exports', nameModules],
  internalModule: 'not exported',
  excludeInternal: true,
  excludeExternals: true,
  treatWarningsAsErrors: true,
}
