using MacRunners.MacEmulator.LibSystem.Darwin;
using MacRunners.MacEmulator.LibSystem.Translation;

namespace MacRunners.Tests.MacEmulator;

/// <summary>Numbers are Darwin's.</summary>
public sealed class LibSystemNumberTests
{
    [Theory]
    [InlineData(2, 2)]
    [InlineData(11, 35)]
    [InlineData(17, 17)]
    [InlineData(34, 34)]
    [InlineData(35, 11)]
    [InlineData(36, 63)]
    [InlineData(39, 66)]
    [InlineData(40, 62)]
    [InlineData(95, 45)]
    [InlineData(122, 69)]
    [InlineData(131, 104)]
    [InlineData(132, 5)]
    public void Errors_are_translated(int linux, int darwin) => Assert.Equal(darwin, DarwinErrors.From(linux));

    [Theory]
    [InlineData(9, 9)]
    [InlineData(10, 7)]
    [InlineData(17, 19)]
    [InlineData(19, 18)]
    [InlineData(20, 17)]
    [InlineData(30, 10)]
    [InlineData(31, 12)]
    [InlineData(29, 0)]
    [InlineData(32, null)]
    public void Signals_are_translated(int darwin, int? linux) => Assert.Equal(linux, Signals.ToLinux(darwin));

    [Fact]
    public void Sets_of_signals_survive_there_and_back()
    {
        const uint withoutEmtAndInfo = 0x7fffffff & ~(1u << 6) & ~(1u << 28);

        Assert.Equal(withoutEmtAndInfo, Signals.SetToDarwin(Signals.SetToLinux(0x7fffffff)));
    }

    [Theory]
    [InlineData(7, 6)]
    [InlineData(8, 7)]
    [InlineData(4, 4)]
    [InlineData(9, null)]
    public void Resources_are_translated(int darwin, int? linux) => Assert.Equal(linux, Resources.ToLinux(darwin));
}
