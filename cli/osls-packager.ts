// Packages the serverless.yml of a project with the osls that the project has. Builds no code, uploads nothing.

import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Packager } from './compare-stages.ts'
import { findTool, NotCompared } from './project-tool.ts'
import { Stop } from './stop.ts'
import { reasonOf } from './tool-output.ts'

const TEMPLATE = 'cloudformation-template-update-stack.json'

/** Said by osls if no file matches `package.patterns`. */
const NOTHING_BUILT = 'No file matches include / exclude patterns'

async function findCommand(root: string): Promise<string> {
  const manifest = findTool('osls/package.json', root)
  if (manifest === null) throw new NotCompared('osls is not installed in this project')
  const { bin } = JSON.parse(await readFile(manifest, 'utf8')) as { bin: Readonly<Record<string, string>> }
  return join(dirname(manifest), bin['osls']!)
}

async function runOsls(command: string, args: readonly string[], root: string): Promise<void> {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' }
  const child = spawn(process.execPath, [command, ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit])
  if (code === 0) return
  const output = stdout + stderr
  if (output.includes(NOTHING_BUILT))
    throw new NotCompared('osls finds no file to package; build the functions first')
  throw new Stop(`osls failed: ${reasonOf(output)}`, 1)
}

export const oslsPackager: Packager = {
  file: 'serverless.yml',
  buildsCode: false,
  async package(stages, directory, root) {
    const command = await findCommand(root)
    const templates = new Map<string, string>()
    // One after the other: every run of osls writes its zip to the same directory first.
    for (const stage of stages) {
      const packageDirectory = join(directory, stage)
      await runOsls(command, ['package', '--stage', stage, '--package', packageDirectory], root)
      templates.set(stage, join(packageDirectory, TEMPLATE))
    }
    return templates
  },
}
