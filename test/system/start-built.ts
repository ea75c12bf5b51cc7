// `npm start` with an earlier build, and with one request to each HTTP edge in place of the tour.

import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Build } from '../../cli/build.ts'
import { runCommand } from '../../local/run-command.ts'

const [build, ...args] = process.argv.slice(2) as [string, ...string[]]

await runCommand(args, {
  expiredBySeconds: 0,
  async build(directory) {
    await rm(directory, { recursive: true, force: true })
    const scratch = join(directory, 'run')
    await mkdir(scratch, { recursive: true })
    return { ...(JSON.parse(build) as Build), scratch }
  },
  async takeTour({ edges, tokens }) {
    const headers = { authorization: `Bearer ${tokens.read}` }
    for (const { url, defaultPath } of Object.values(edges))
      await (await fetch(`${url}${defaultPath}`, { headers })).text()
  },
})
