using MacRunners.Platform;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.Hosting;

/// <summary>
/// Whether anyone but root could change what the daemon finds under a path: looks at every existing component, and behind
/// links. Root acts on these paths, so whoever can rename one of their components could make root act elsewhere.
/// </summary>
internal sealed class PathSafety(IFileCalls files)
{
    private const int MostLinks = 40;

    // On macOS the system's own /private/var/run belongs to group daemon (1), which may write to it.
    private const uint DaemonGroup = 1;

    private const UnixFileMode OthersRead = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Everything that is wrong with the path; empty when it is safe. What does not exist yet is safe if it may be absent.</summary>
    public IReadOnlyList<PathProblem> Inspect(string path, PathUse use)
    {
        var problems = new List<PathProblem>();
        try
        {
            Walk(path, use, problems);
        }
        catch (PosixException e)
        {
            problems.Add(new PathProblem(path, $"cannot be looked at: {e.Message}", "Run this as root, and check that every component is a folder."));
        }

        return problems;
    }

    private void Walk(string path, PathUse use, List<PathProblem> problems)
    {
        var pending = new Stack<string>(Components(path).Reverse());
        var links = 0;
        var here = "/";
        var directory = files.OpenDirectory("/");
        try
        {
            Judge("/", files.Stat(directory), problems);
            while (pending.TryPop(out var name))
            {
                var component = here == "/" ? $"/{name}" : $"{here}/{name}";
                if (files.Stat(directory, name) is not { } status)
                {
                    Absent(component, pending.Count == 0, use, problems);
                    return;
                }

                switch (status.Kind)
                {
                    case FileKind.Link when use is PathUse.Folder or PathUse.JobFolder or PathUse.Secret || ++links > MostLinks:
                        problems.Add(new PathProblem(component, "is a symbolic link", "Configure the path it leads to."));
                        return;
                    case FileKind.Link:
                        JudgeOwner(component, status, problems);
                        var target = new FileInfo(component).LinkTarget ?? "";
                        var restart = target.StartsWith('/');
                        foreach (var part in Components(restart ? target : $"{here}/{target}").Reverse())
                        {
                            pending.Push(part);
                        }

                        Reopen(ref directory, "/");
                        here = "/";
                        break;
                    case FileKind.Directory:
                        Judge(component, status, problems);
                        if (use is PathUse.JobFolder or PathUse.Program && !status.Mode.HasFlag(UnixFileMode.OtherExecute))
                        {
                            problems.Add(new PathProblem(component, "cannot be entered by the jobs' users", $"chmod o+x {component}"));
                        }

                        if (pending.Count == 0 && (use is PathUse.Program or PathUse.Secret or PathUse.File))
                        {
                            problems.Add(new PathProblem(component, "is a folder", "Name the file."));
                            return;
                        }

                        var next = files.OpenDirectory(directory, name);
                        directory.Dispose();
                        directory = next;
                        here = component;
                        break;
                    default:
                        Judge(component, status, problems);
                        JudgeFile(component, status, pending.Count == 0, use, problems);
                        return;
                }
            }
        }
        finally
        {
            directory.Dispose();
        }
    }

    private void Reopen(ref SafeFileHandle directory, string path)
    {
        directory.Dispose();
        directory = files.OpenDirectory(path);
    }

    private static void Absent(string component, bool isLast, PathUse use, List<PathProblem> problems)
    {
        if (use is PathUse.Program or PathUse.Secret or PathUse.ExistingFolder)
        {
            problems.Add(new PathProblem(component, isLast ? "does not exist" : "does not exist, nor what should be in it", "Create it, or correct the path."));
        }
    }

    private static void Judge(string component, FileStatus status, List<PathProblem> problems)
    {
        JudgeOwner(component, status, problems);
        var isGroupWritable = status.Mode.HasFlag(UnixFileMode.GroupWrite) && status.Gid != DaemonGroup;
        if (isGroupWritable || status.Mode.HasFlag(UnixFileMode.OtherWrite))
        {
            problems.Add(new PathProblem(component, "can be changed by others than root", $"chmod go-w {component}, or choose another place"));
        }
    }

    private static void JudgeOwner(string component, FileStatus status, List<PathProblem> problems)
    {
        if (status.Uid != 0)
        {
            problems.Add(new PathProblem(component, $"belongs to user number {status.Uid}", $"chown root {component}, or choose another place"));
        }
    }

    private static void JudgeFile(string component, FileStatus status, bool isLast, PathUse use, List<PathProblem> problems)
    {
        if (!isLast || use is PathUse.Folder or PathUse.JobFolder or PathUse.ExistingFolder)
        {
            problems.Add(new PathProblem(component, "is not a folder", "Correct the path."));
            return;
        }

        // FIFOs, sockets and devices have no size: nothing that is needed here is ever empty.
        if (new FileInfo(component).Length == 0)
        {
            problems.Add(new PathProblem(component, "is empty or not a regular file", "Put the real file there."));
        }

        // It need not be readable: on Linux nobody looks into the memory of a program that one may only execute.
        if (use is PathUse.Program && !status.Mode.HasFlag(UnixFileMode.OtherExecute))
        {
            problems.Add(new PathProblem(component, "cannot be executed by the jobs' users", $"chmod 0755 {component}"));
        }

        if (use is PathUse.Secret && (status.Mode & OthersRead) != 0)
        {
            problems.Add(new PathProblem(component, "can be read by others than root", $"chmod 0600 {component}"));
        }
    }

    private static string[] Components(string path)
    {
        // Lexically, as far as ".." goes: the components before it have been walked, or lie in a link's own text.
        return Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries);
    }
}

/// <summary>What a path is for.</summary>
internal enum PathUse
{
    /// <summary>A folder of the daemon's; it is made when absent.</summary>
    Folder,

    /// <summary>Likewise, and the jobs' users pass through it.</summary>
    JobFolder,

    /// <summary>A folder that must exist, with hooks.</summary>
    ExistingFolder,

    /// <summary>A program that the jobs' users execute.</summary>
    Program,

    /// <summary>A file that only root may read.</summary>
    Secret,

    /// <summary>The configuration file.</summary>
    File,
}

/// <summary>One thing that is wrong with one component of a path.</summary>
/// <param name="Component">The component, as an absolute path.</param>
/// <param name="Problem">What is wrong: continues "/the/path …".</param>
/// <param name="Remedy">What to do.</param>
internal sealed record PathProblem(string Component, string Problem, string Remedy);
