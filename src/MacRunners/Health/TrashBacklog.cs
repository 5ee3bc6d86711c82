using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Teardown;
using Microsoft.Extensions.Options;

namespace MacRunners.Health;

/// <summary>What earlier jobs left and is still to be removed. Jobs that leave it faster than it goes are held back.</summary>
internal sealed class TrashBacklog(Trash trash, IOptions<TeardownOptions> options)
{
    /// <summary>Looks now. A trash that cannot be looked at is too full.</summary>
    public TrashLook Look()
    {
        var most = options.Value.MaxTrashEntries;
        try
        {
            // One more than allowed says enough.
            var waiting = trash.CountWaiting(most == 0 ? 1 : most + 1);
            var isTooMuch = most > 0 && waiting > most;
            return new TrashLook(
                isTooMuch,
                trash.Stuck.Count,
                isTooMuch ? $"more than {most} entries (Teardown:MaxTrashEntries) of earlier jobs wait in the trash" : "nothing is held back by the trash",
                "It is emptied by itself and comes back; if it does not, look at the disk, or recycle the machine.");
        }
        catch (PosixException e)
        {
            return new TrashLook(true, trash.Stuck.Count, $"the trash cannot be looked at: {e.Message}", "Look at the volume of Paths:State, its mount and its disk. Else recycle the machine.");
        }
    }
}

/// <summary>What was found.</summary>
/// <param name="IsTooMuch">No job may be taken.</param>
/// <param name="Stuck">Entries that could not be removed.</param>
/// <param name="Detail">For people.</param>
/// <param name="Remedy">What to do about too much.</param>
internal readonly record struct TrashLook(bool IsTooMuch, int Stuck, string Detail, string Remedy);
