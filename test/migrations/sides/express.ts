// `node server.mjs`: an Express application of a page.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, symlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, makeProject, type Files, type Running, type StartSide } from './side.ts'

const MODULES = join(import.meta.dirname, '../node_modules')

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

/** `port`: default, any that is free. */
export function expressSide(files: Files, port?: number): StartSide {
  const folder = makeProject(files)
  if (!existsSync(join(folder, 'node_modules'))) symlinkSync(MODULES, join(folder, 'node_modules'))
  return async (): Promise<Running> => {
    const own = port ?? (await freePort())
    const env = { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', PORT: String(own) }
    const child = spawn(process.execPath, ['server.mjs'], {
      cwd: folder,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said += String(chunk)))
    const ended = once(child, 'exit')
    while (!(await answers(own))) {
      if (child.exitCode !== null) throw new Error(`server.mjs ended with ${child.exitCode}:\n${said}`)
      await sleep(50)
    }
    return {
      url: `http://127.0.0.1:${own}`,
      async close() {
        child.kill('SIGKILL')
        await ended
      },
    }
  }
}
