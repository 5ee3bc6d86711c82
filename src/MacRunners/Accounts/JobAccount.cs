namespace MacRunners.Accounts;

/// <summary>
/// A throw-away account as recorded when it was made. Teardown uses this and never what the account database or the file
/// system say later: the job may have changed both.
/// </summary>
/// <param name="Name">Account and group name.</param>
/// <param name="Id">User and group number; never used again while the machine is up.</param>
/// <param name="Home">Absolute path of the home.</param>
/// <param name="GeneratedUid">macOS: the account's UUID once known.</param>
/// <param name="HomeIdentity">File system and inode of the home once made; of the folder below, where it is a volume.</param>
/// <param name="OnVolume">Whether the home is, or was to become, a volume of its own, with the account's name.</param>
/// <param name="VolumeId">Which volume that is, once made: its name may be changed.</param>
internal sealed record JobAccount(
    string Name, uint Id, string Home, Guid? GeneratedUid = null, HomeIdentity? HomeIdentity = null, bool OnVolume = false, Guid? VolumeId = null);

/// <summary>Which directory the home is, whatever stands under its name.</summary>
/// <param name="Device">Number of the file system.</param>
/// <param name="Inode">Number of the directory in it.</param>
internal sealed record HomeIdentity(ulong Device, ulong Inode);
