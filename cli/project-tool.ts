// Finds the tools of a project that Lanekeeper does not depend on: wrangler, osls, and yauzl, which comes with osls.

import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/** Why a file of the deployment is not compared with the configuration. No problem of the project. */
export class NotCompared extends Error {}

const { resolve } = createRequire(import.meta.url)

/** The path of a module or a file of a package, as a module in `directory` resolves it. `null`: it is not installed. */
export function findTool(name: string, directory: string): string | null {
  try {
    return resolve(name, { paths: [directory] })
  } catch {
    return null
  }
}

/** The exports of a tool. Those of a CommonJS module are in `default`, if Node does not see their names. */
export async function importTool<Exports extends object>(file: string): Promise<Partial<Exports>> {
  const exports = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Partial<Exports> & {
    default?: Partial<Exports>
  }
  return { ...exports.default, ...exports }
}
