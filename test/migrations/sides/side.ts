// One side of a comparison: the files of a page, running.

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../../../cli/build.ts'
import { mustRunIn, writeFiles } from '../../support/hand-made-project.ts'
import type { PageIssuer } from '../issuer.ts'

export interface Running {
  /** With everything before the path. */
  readonly url: string
  close(): Promise<void>
}

/** Starts new instances, which have no keys yet. */
export type StartSide = () => Promise<Running>

export type Files = Readonly<Record<string, string>>

/** The files of a page by the names that a project has for them, the address of the issuer in place of the page's. */
export function filesFor(examples: Files, issuer: PageIssuer, names: readonly string[]): Files {
  const at = (text: string) =>
    text.replaceAll(
      new URL(issuer.kit.issuer).origin,
      issuer.origin.startsWith('http:') ? issuer.origin : '$&',
    )
  return Object.fromEntries(
    names.map((name) => {
      const text = examples[name]
      if (text === undefined) throw new Error(`The page has no example ${name}.`)
      return [name.replace(/ with .*$/, ''), at(text)]
    }),
  )
}

const projects = new Set<string>()

/** A project of these files in a folder of its own, until `removeProjects`. */
export function makeProject(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'lanekeeper-migration-'))
  projects.add(folder)
  writeFiles(folder, files)
  return folder
}

export function removeProjects(): void {
  for (const folder of projects) rmSync(folder, { recursive: true, force: true })
  projects.clear()
}

/** Runs `lanekeeper build` for a project. */
export function buildProject(folder: string, edge: 'cloudflare' | 'aws'): void {
  mustRunIn(ROOT, process.execPath, [
    ...['cli/run.js', 'lanekeeper', 'build', '--edge', edge],
    ...['--config', join(folder, 'lanekeeper.config.ts'), '--out', join(folder, 'dist')],
  ])
}

/** A port on loopback that nobody has at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
