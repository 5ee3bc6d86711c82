namespace MacRunners.Platform;

/// <summary>Keychains of the account that this process runs as.</summary>
internal interface IKeychains
{
    /// <summary>
    /// Makes a keychain in the account's home that stays unlocked, makes it the default and the searched one, and puts identities into it that
    /// the system's signing tools may use without asking anybody.
    /// </summary>
    /// <param name="path">Absolute path of the keychain; it must not exist, its folder must.</param>
    /// <param name="password">Its password; no control characters.</param>
    /// <param name="identities">What is put into it.</param>
    /// <param name="cancellationToken">Ends it; a keychain may remain half made, and ends with the home.</param>
    /// <exception cref="KeychainException">It cannot be made; says why and what to do. What was made is removed again.</exception>
    Task CreateAsync(string path, string password, IReadOnlyList<Identity> identities, CancellationToken cancellationToken);
}

/// <summary>A certificate with its private key.</summary>
/// <param name="File">Absolute path of the PKCS #12 file.</param>
/// <param name="Passphrase">What it is encrypted with; may be empty.</param>
internal sealed record Identity(string File, string Passphrase)
{
    /// <summary>Without the passphrase.</summary>
    public override string ToString() => File;
}

/// <summary>A keychain could not be made; the message says why and what to do.</summary>
internal sealed class KeychainException(string message, Exception? inner = null) : Exception(message, inner);
