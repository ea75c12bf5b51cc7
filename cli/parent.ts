// Notices that the process that started this one has ended. npm passes SIGTERM to the shell in which it runs a command,
// and the shell does not pass it on, so `kill` of `npx lanekeeper dev` would leave the edges running.

const POLL_MS = 250

/** Calls `onEnd` once when the parent process has ended. Keeps no process alive. */
export function watchParent(onEnd: () => void): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    onEnd()
  }, POLL_MS)
  timer.unref()
}
