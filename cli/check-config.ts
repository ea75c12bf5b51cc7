// `npm run check:config`: whether lanekeeper.config.ts, wrangler.toml and serverless.yml of this repository may be
// deployed. The check itself is that of `lanekeeper check`.

import { parseArgs } from 'node:util'
import config from '../lanekeeper.config.ts'
import { ROOT } from './build.ts'
import { checkConfig } from './config-check.ts'
import { repositoryPackager } from './repository-packager.ts'

const HELP = `npm run check:config

Checks lanekeeper.config.ts in every stage, and compares wrangler.toml and serverless.yml with it. If one of these two
files is missing, its edge is not checked; if both are, the configuration is checked for both edges. Exit code 0 if
everything may be deployed, 1 if not.

  --help   this text`

try {
  if (parseArgs({ options: { help: { type: 'boolean' } } }).values.help === true) {
    console.log(HELP)
    process.exit(0)
  }
} catch (error) {
  console.error(`${(error as Error).message.split('. ')[0]}.\n\n${HELP}`)
  process.exit(2)
}

process.exit(
  await checkConfig(config, {
    root: ROOT,
    env: process.env,
    packager: repositoryPackager,
    print: (text) => console.log(text),
    printError: (text) => console.error(text),
  }),
)
