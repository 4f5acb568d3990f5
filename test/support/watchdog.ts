/**
 * Cleans up after this process however it ends, even by SIGKILL: a small shell process waits on a pipe that closes
 * with its parent, then stops what it was told and deletes a folder.
 */

export interface Watched {
  /** Deleted at the end. A server whose data are in its `data` folder is stopped first. */
  readonly folder: string;
  /** Process group to kill first. */
  readonly processGroup?: number;
}

/**
 * A line on stdin means that nothing is left to do; end of file that the parent is gone. Signals of the terminal are
 * ignored: they are meant for the parent. A negative pid in postmaster.pid is initdb's, which ends by itself.
 */
const script = `trap '' HUP INT TERM
read -r line && exit 0
[ -n "$2" ] && kill -s KILL -- "-$2" 2>/dev/null
tries=0
while [ -d "$1" ] && [ "$tries" -lt 100 ]; do
  tries=$((tries + 1))
  pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
  signal=QUIT
  [ "$tries" -gt 50 ] && signal=KILL
  case "$pid" in
    '' | *[!0-9]*) rm -rf "$1" ;;
    *) kill -s "$signal" "$pid" 2>/dev/null || rm -rf "$1" ;;
  esac
  sleep 0.1
done`;

/** Pipes that keep the watchdogs waiting; held here so that collection of garbage cannot close them. */
const openPipes = new Set<Bun.FileSink>();

/** Starts watching; call the returned function once everything has been cleaned up. */
export function startWatchdog({ folder, processGroup }: Watched): () => void {
  const group = processGroup === undefined ? "" : String(processGroup);
  const watchdog = Bun.spawn(["/bin/sh", "-c", script, "zanith-watchdog", folder, group], {
    cwd: "/",
    stdin: "pipe",
    stdout: "ignore",
    stderr: "ignore",
    detached: true,
  });
  watchdog.unref();
  const pipe = watchdog.stdin;
  openPipes.add(pipe);
  return () => {
    if (!openPipes.delete(pipe)) return;
    pipe.write("done\n");
    pipe.end();
  };
}
