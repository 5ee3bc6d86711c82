using System.Diagnostics;
using System.Globalization;
using MacRunners.MacEmulator.Root;

namespace MacRunners.MacEmulator.Accounts;

/// <summary>Access to the accounts of one root, one request at a time.</summary>
internal sealed class DirectorySession(EmulatorRoot root, TimeProvider time)
{
    /// <summary>Reads. Whoever is not root sees the host's accounts only, without what macOS knows in addition.</summary>
    internal T Read<T>(DirectoryPolicy policy, Func<AccountDirectory, T> request)
    {
        if (!policy.IsRoot)
        {
            return request(new AccountDirectory(new DirectoryState(), policy));
        }

        using var held = StateLock.Take(root);
        return request(new AccountDirectory(Load(), policy));
    }

    /// <summary>Writes, and makes the Linux accounts follow. What a request did before it was refused stays, as on a Mac.</summary>
    internal async Task WriteAsync(DirectoryPolicy policy, Action<AccountDirectory> request)
    {
        if (!policy.IsRoot)
        {
            request(new AccountDirectory(new DirectoryState(), policy));
            return;
        }

        DirectoryServiceException? refused = null;
        using (await HostAccountsLock.TakeAsync(time))
        using (StateLock.Take(root))
        {
            var state = Load();
            try
            {
                request(new AccountDirectory(state, policy));
            }
            catch (DirectoryServiceException e)
            {
                refused = e;
            }

            Settle(state);
        }

        if (policy.VisibleFrom is { } visible)
        {
            SettleLater(visible);
        }

        if (refused is not null)
        {
            throw refused;
        }
    }

    /// <summary>Changes the user domains.</summary>
    internal T ChangeDomains<T>(Func<SortedSet<uint>, T> change)
    {
        using var held = StateLock.Take(root);
        var state = Load();
        var result = change(state.UserDomains);
        Save(state);
        return result;
    }

    /// <summary>Makes accounts whose lag is over visible.</summary>
    internal async Task SettleAsync()
    {
        using (await HostAccountsLock.TakeAsync(time))
        using (StateLock.Take(root))
        {
            Settle(Load());
        }
    }

    /// <summary>Removes every account that was made through this root.</summary>
    internal async Task RemoveAllAsync()
    {
        using (await HostAccountsLock.TakeAsync(time))
        using (StateLock.Take(root))
        {
            var state = Load();
            state.Users.Clear();
            state.Groups.Clear();
            Settle(state);
        }
    }

    private void Settle(DirectoryState state)
    {
        var now = time.GetUtcNow();
        HostAccounts.Claim(state, now);
        Save(state);
        HostAccounts.Apply(state, now);
        Save(state);
        GeneratedUids.Write(root, state);
    }

    // The command itself must return at once, so somebody else has to be there when the lag is over. Its streams are pipes
    // of this process, so that whoever waits for the end of our output does not wait for it.
    private void SettleLater(DateTimeOffset visible)
    {
        var start = new ProcessStartInfo($"{root.Binaries}/mac-emulator")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.ArgumentList.Add("settle");
        start.ArgumentList.Add(root.Path);
        start.ArgumentList.Add(visible.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        using var process = Process.Start(start);
    }

    private DirectoryState Load() => RootOnlyFile.ReadJson(root.State, StateJson.Default.DirectoryState) ?? new DirectoryState();

    private void Save(DirectoryState state) => RootOnlyFile.WriteJson(root.State, state, StateJson.Default.DirectoryState);
}
