// Reads wrangler.toml, in each of its environments, with the wrangler of the project, because what an environment
// inherits differs by setting. Refuses to read it in any other way.

import { describeError } from './describe-error.ts'
import { findTool, importTool, NotCompared } from './project-tool.ts'
import type { WranglerSettings } from './route-patterns.ts'

interface Wrangler {
  unstable_readConfig(args: { config: string; env: string | undefined }): object
}

/** What reads wrangler.toml as the wrangler of the project at `root` does. */
async function loadReader(root: string): Promise<Wrangler['unstable_readConfig']> {
  const file = findTool('wrangler', root)
  if (file === null) throw new NotCompared('wrangler is not installed in this project')
  const { unstable_readConfig } = await importTool<Wrangler>(file).catch((error: unknown) => {
    throw new NotCompared(`wrangler cannot be loaded: ${describeError(error, root)}`)
  })
  if (unstable_readConfig === undefined)
    throw new NotCompared('the wrangler of this project has no unstable_readConfig; update it')
  return unstable_readConfig
}

/** An environment of wrangler.toml. */
export interface WorkerEnvironment {
  /** `undefined`: the top level. */
  readonly name: string | undefined
  /** Its LANEKEEPER_STAGE. */
  readonly stage: unknown
  readonly settings: WranglerSettings
}

/**
 * Every environment of a wrangler.toml, as wrangler reads it.
 *
 * @throws {NotCompared} If the project has no wrangler that reads wrangler.toml.
 */
export async function readWorker(toml: string, root: string): Promise<readonly WorkerEnvironment[]> {
  const readConfig = await loadReader(root)
  const read = (name?: string): WorkerEnvironment => {
    const settings = readConfig({ config: toml, env: name }) as WranglerSettings
    const vars = settings['vars'] as Record<string, unknown> | undefined
    return { name, stage: vars?.['LANEKEEPER_STAGE'], settings }
  }
  const top = read()
  return [top, ...(top.settings['definedEnvironments'] as string[]).map(read)]
}
