// What a person needs to try the running example: an access token and the environment of `lanekeeper revoke`, in files
// that only this user can read, and commands that use them.

import { writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Environment, Services } from './services.ts'

const CONFIG = 'examples/revocation/lanekeeper.config.ts'

/** Writes the files into a directory. Returns the commands. */
export async function prepareTrying(
  directory: string,
  env: Environment,
  { edges, storeUrl }: Services,
  token: string,
): Promise<string> {
  const [envFile, tokenFile] = [join(directory, 'env'), join(directory, 'token')]
  const lines = Object.entries(env).map(([name, value]) => `export ${name}='${value}'\n`)
  await writeFile(envFile, lines.join(''), { mode: 0o600 })
  await writeFile(tokenFile, `Authorization: Bearer ${token}\n`, { mode: 0o600 })
  const shown = (file: string) => `./${relative(process.cwd(), file)}`
  const lanekeeper = (command: string) =>
    `  npm run --silent lanekeeper -- ${command} --config ${CONFIG} --url ${storeUrl}`
  return [
    '\nTry it in another shell. Ctrl-C ends everything.',
    `  . ${shown(envFile)}`,
    ...edges.map(({ url }) => `  curl -i -H '@${shown(tokenFile)}' ${url}/orders`),
    lanekeeper('revoke --sub alice'),
    lanekeeper('revocations'),
    lanekeeper('unrevoke --sub alice'),
  ].join('\n')
}
