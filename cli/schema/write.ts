// `npm run build:schema` writes the JSON Schema of the configuration beside the compiled package.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createConfigSchema, SCHEMA_FILE } from './config-schema.ts'

const directory = join(import.meta.dirname, '../../dist/package')
await mkdir(directory, { recursive: true })
await writeFile(join(directory, SCHEMA_FILE), `${JSON.stringify(createConfigSchema(), null, 2)}\n`)
