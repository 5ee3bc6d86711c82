using MacRunners.Platform;
using MacRunners.Platform.Linux;
using MacRunners.Platform.MacOS;

namespace MacRunners.Tests.Platform;

public class ErrorNumberTests
{
    /// <summary>Name, number on Linux, number on macOS.</summary>
    public static TheoryData<string, int, int> Numbers => new()
    {
        { nameof(PosixError.NotFound), 2, 2 },
        { nameof(PosixError.Exists), 17, 17 },
        { nameof(PosixError.NotPermitted), 1, 1 },
        { nameof(PosixError.NotPermitted), 13, 13 },
        { nameof(PosixError.NotEmpty), 39, 66 },
        { nameof(PosixError.NotADirectory), 20, 20 },
        { nameof(PosixError.IsALink), 40, 62 },
        { nameof(PosixError.OtherDevice), 18, 18 },
        { nameof(PosixError.Busy), 16, 16 },
        { nameof(PosixError.NoSuchProcess), 3, 3 },
        { nameof(PosixError.NoSpace), 28, 28 },
        { nameof(PosixError.NoSpace), 122, 69 },
        { nameof(PosixError.Other), 66, 39 },
        { nameof(PosixError.Other), 62, 40 },
    };

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Each_system_has_its_own_numbers(string name, int linux, int mac)
    {
        Assert.Equal(name, LinuxErrors.Translate(linux).ToString());
        Assert.Equal(name, MacErrors.Translate(mac).ToString());
    }
}
