// wrangler, which reads wrangler.toml, and its miniflare, which runs workerd. Both are the project's: the package of
// Lanekeeper has neither.

import { dirname } from 'node:path'
import { findTool, importTool } from '../cli/project-tool.ts'
import { Stop } from '../cli/stop.ts'

/** Options of one Worker for miniflare, as wrangler makes them of wrangler.toml. */
export interface WorkerOptions {
  readonly modulesRules?: unknown
  readonly bindings?: Readonly<Record<string, unknown>>
  readonly serviceBindings?: Readonly<Record<string, unknown>>
  readonly compatibilityDate?: string
  readonly [name: string]: unknown
}

interface Instance {
  readonly ready: Promise<URL>
  unsafeGetDirectURL(name: string): Promise<URL>
  getWorker(name: string): Promise<unknown>
  dispose(): Promise<void>
}

interface MiniflareModule {
  readonly Miniflare: new (options: object) => Instance
  readonly Log: new (level: number) => object
  readonly LogLevel: { readonly NONE: number }
  /** The newest that its workerd knows, as `2026-10-20`. */
  readonly supportedCompatibilityDate?: string
  /** Versions before 5 take the options as they are. */
  readonly convertV4MiniflareOptions?: (options: never) => object
}

interface WranglerModule {
  unstable_getMiniflareWorkerOptions(config: string): { readonly workerOptions: WorkerOptions }
}

export interface WorkerTools extends Pick<MiniflareModule, 'Miniflare' | 'Log' | 'LogLevel'> {
  convertOptions(options: object): object
  readWorkerOptions(config: string): WorkerOptions
  /** This date, or the newest that the workerd of the project knows: it runs no Worker with a later one. */
  compatibilityDate(wanted: string): string
}

const INSTALL = 'npm install --save-dev wrangler'

/** The paths of the tools. `null`: the project has no wrangler. */
export function findWorkerTools(
  project: string,
): { readonly wrangler: string; readonly miniflare: string } | null {
  const wrangler = findTool('wrangler', project)
  if (wrangler === null) return null
  const miniflare = findTool('miniflare', dirname(wrangler)) ?? findTool('miniflare', project)
  return miniflare === null ? null : { wrangler, miniflare }
}

/** @throws {Stop} if the project has no wrangler (exit code 2). */
export function demandWorkerTools(project: string): {
  readonly wrangler: string
  readonly miniflare: string
} {
  const found = findWorkerTools(project)
  if (found === null) throw new Stop(`The Worker runs with the wrangler of the project; run: ${INSTALL}`, 2)
  return found
}

/** @throws {Stop} if the project has no wrangler that runs Workers (exit code 2). */
export async function loadWorkerTools(project: string): Promise<WorkerTools> {
  const found = demandWorkerTools(project)
  const [miniflare, wrangler] = await Promise.all([
    importTool<MiniflareModule>(found.miniflare),
    importTool<WranglerModule>(found.wrangler),
  ])
  const { Miniflare, Log, LogLevel, convertV4MiniflareOptions: convert } = miniflare
  const { unstable_getMiniflareWorkerOptions: read } = wrangler
  const newest = miniflare.supportedCompatibilityDate
  if (Miniflare === undefined || Log === undefined || LogLevel === undefined || read === undefined)
    throw new Stop(`The wrangler of the project cannot run Workers for others; run: ${INSTALL}@latest`, 2)
  return {
    ...{ Miniflare, Log, LogLevel },
    convertOptions: (options) => (convert === undefined ? options : convert(options as never)),
    readWorkerOptions: (config) => read(config).workerOptions,
    compatibilityDate: (wanted) => (newest !== undefined && newest < wanted ? newest : wanted),
  }
}
