using System.Text.Json.Nodes;
using MacRunners.Simulator.Bench.Figures;

namespace MacRunners.Tests.Simulator;

public class BenchFiguresTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.25, 2)]
    [InlineData(0.5, 3)]
    [InlineData(0.9, 4.6)]
    [InlineData(1, 5)]
    public void A_quantile_lies_between_its_neighbours_in_proportion(double share, double expected) =>
        Assert.Equal(expected, new Samples([5, 1, 4, 2, 3]).Quantile(share), 9);

    [Fact]
    public void Of_an_even_number_of_values_the_median_is_the_middle_of_the_two_inner_ones() =>
        Assert.Equal(15, new Samples([40, 10, 20, 5]).Median);

    [Fact]
    public void One_value_is_all_of_its_quantiles()
    {
        var one = new Samples([7]);

        Assert.Equal((7, 7), (one.Median, one.P95));
    }

    [Fact]
    public void Nothing_measured_is_no_figure() => Assert.Throws<InvalidOperationException>(() => new Samples([]));

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void What_is_no_number_is_no_figure(double value)
    {
        var sheet = Sheet();

        Assert.Throws<InvalidOperationException>(() => sheet.Add("x_ms", "x", value, "ms"));
    }

    [Fact]
    public void A_name_is_used_once()
    {
        var sheet = Sheet();

        Assert.Throws<InvalidOperationException>(() => sheet.Add("wait_ms", "wait", 1, "ms"));
    }

    [Fact]
    public void The_file_is_one_flat_object_of_numbers()
    {
        var json = JsonNode.Parse(Sheet().Json())!.AsObject();

        Assert.Equal(["wait_ms", "ratio", "share_percent"], json.Select(figure => figure.Key));
        Assert.Equal([123.4568, 2.5, 90], json.Select(figure => figure.Value!.GetValue<double>()));
    }

    [Fact]
    public void The_table_shows_each_figure_beside_its_aim() => Assert.Equal(
        [
            "",
            "Chapter",
            "  wait     123 ms",
            "  a ratio    2.50  at most 2      missed",
            "  share      90 %  at least 85 %  met",
        ],
        Sheet().Table());

    [Fact]
    public void The_document_shows_the_same() => Assert.Equal(
        [
            "| Figure | Measured | Aim | |",
            "| --- | ---: | --- | --- |",
            "| **Chapter** | | | |",
            "| wait | 123 ms |  |  |",
            "| a ratio | 2.50 | at most 2 | missed |",
            "| share | 90 % | at least 85 % | met |",
        ],
        Sheet().Markdown());

    [Fact]
    public void Aims_are_counted() => Assert.Equal((1, 2), Sheet().Aims());

    private static FigureSheet Sheet()
    {
        var sheet = new FigureSheet();
        sheet.Begin("Chapter");
        sheet.Add("wait_ms", "wait", 123.456789, "ms");
        sheet.Add("ratio", "a ratio", 2.5, "", Aim.AtMost(2));
        sheet.Add("share_percent", "share", 90, "%", Aim.AtLeast(85));
        return sheet;
    }
}
