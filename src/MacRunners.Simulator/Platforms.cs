// The simulator imitates Unix programs: signals, sessions, file modes.
[assembly: System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
