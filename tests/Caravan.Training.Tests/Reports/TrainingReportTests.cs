using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Caravan.Testing;

namespace Caravan.Training.Tests;

/// <summary>Reports show what the metrics say, whatever they say.</summary>
public sealed class TrainingReportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ARunBecomesOnePage()
    {
        string run = Run("a", steps: 300, "<b>name</b>: 1\nsteps: 300\n");
        new RunFacts
        {
            Started = new DateTimeOffset(2026, 11, 22, 1, 0, 0, TimeSpan.Zero), Updated = new DateTimeOffset(2026, 11, 22, 2, 30, 0, TimeSpan.Zero),
            End = "finished", Version = "caravan 0.1.0", Machine = "2 cores & more", TrainableParameters = 1234, Parameters = 56789,
        }.Write(run);
        string page = Page(run);
        Assert.Contains("<h1>Training run a</h1>", page, StringComparison.Ordinal);
        Assert.Contains("begun 2026-11-22 01:00, finished 2026-11-22 02:30 · 2 cores &amp; more · caravan 0.1.0", page, StringComparison.Ordinal);
        Assert.Contains("1,234 of 56,789", page, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;name&lt;/b&gt;", page, StringComparison.Ordinal);
        Assert.Equal(["Loss", "Learning rate", "Gradient norm", "Tokens per second", "Accuracy", "Reward margin"], Titles(page));
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", page, StringComparison.Ordinal);
    }

    [Fact]
    public void SeveralRunsAreComparedByWhatDiffers()
    {
        string page = Page(Run("a", 30, "seed: 1\noptimizer:\n  beta1: 0.9\n"), Run("b", 40, "seed: 1\noptimizer:\n  beta1: 0.8\n"));
        Assert.Contains("<td>optimizer.beta1</td><td>0.9</td><td>0.8</td>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<td>seed</td>", page, StringComparison.Ordinal);
        Assert.Contains("b, held out", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"step":1,"loss":2.5,"gradient_norm":0,"learning_rate":0.1,"tokens":10,"seconds":0}""")]
    [InlineData("""{"step":1,"loss":2.5,"gradient_norm":null,"learning_rate":0,"tokens":10,"seconds":0.5}""")]
    [InlineData("""{"step":5,"evaluation":{"loss":1.5}}""")]
    public void LittleIsEnough(string metrics)
    {
        Directory.CreateDirectory(folder.File("run"));
        string run = Path.GetDirectoryName(folder.Write(Path.Combine("run", "metrics.jsonl"), Encoding.UTF8.GetBytes(metrics)))!;
        foreach (string svg in Drawings(Page(run))) Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void ManyStepsAreThinnedWithTheirExtremes()
    {
        double[] values = [.. Enumerable.Range(0, 100_000).Select(i => i == 54_321 ? 99 : Math.Sin(i))];
        Curve thin = Curve.Of(values.Select((value, i) => ((double)i, value))).Thinned();
        Assert.InRange(thin.Steps.Count, 400, 802);
        Assert.Contains(99, thin.Values);
        Assert.Equal(thin.Steps.Order(), thin.Steps);
    }

    [Fact]
    public void SmoothingShiftsNothing()
    {
        Curve smooth = Curve.Of(Enumerable.Range(0, 1000).Select(i => ((double)i, 3.0 * i))).Smoothed();
        Assert.All(smooth.Steps.Zip(smooth.Values), point => Assert.Equal(3 * point.First, point.Second, 1e-6));
    }

    [Theory]
    [InlineData(0, 10, 6)]
    [InlineData(1e-5, 3e-4, 6)]
    [InlineData(-3, 4, 8)]
    public void AxesHaveAFewRoundNumbers(double least, double largest, int ticks) =>
        Assert.Equal(ticks, ChartAxis.Between(least, largest).Ticks.Count);

    [Fact]
    public void LargeFactorsMakeAxesLogarithmic()
    {
        ChartAxis axis = ChartAxis.For([Curve.Of([(1, 0.01), (2, 1), (3, 100)])]);
        Assert.True(axis.IsLogarithmic);
        Assert.Equal(0.5, axis.PlaceOf(1), 0.02);
        Assert.False(ChartAxis.For([Curve.Of([(1, 0.5), (2, 5)])]).IsLogarithmic);
    }

    [Fact]
    public void AFolderWithoutARunIsNamed() => Assert.StartsWith("'nowhere' holds no run", Assert.Throws<CaravanException>(() => RunHistory.Read("nowhere")).Message, StringComparison.Ordinal);

    private string Run(string name, int steps, string settings)
    {
        StringBuilder metrics = new();
        for (int step = 1; step <= steps; step++)
        {
            double loss = 1 + (4 * Math.Exp(-step / 60.0)) + (0.2 * Math.Sin(step * 12.9898));
            metrics.AppendLine(new JsonObject
            {
                ["step"] = step, ["loss"] = loss, ["gradient_norm"] = loss / 3, ["learning_rate"] = 1e-4 * step / steps, ["tokens"] = 2000 + step, ["seconds"] = 0.5,
                ["reward_margin"] = step * 0.01,
            }.ToJsonString());
            if (step % 10 == 0) metrics.AppendLine(new JsonObject { ["step"] = step, ["evaluation"] = new JsonObject { ["loss"] = loss + 0.1, ["accuracy"] = step / 1000.0 } }.ToJsonString());
        }

        Directory.CreateDirectory(folder.File(name));
        folder.Write($"{name}/config.yaml", Encoding.UTF8.GetBytes(settings));
        return Path.GetDirectoryName(folder.Write($"{name}/metrics.jsonl", Encoding.UTF8.GetBytes(metrics.ToString())))!;
    }

    [Fact]
    public void APictureHoldsTheLossesAlone()
    {
        string path = folder.File("loss.svg");
        TrainingReport.Write(path, [Run("a", 60, "seed: 1\n")]);
        XElement picture = XElement.Parse(File.ReadAllText(path));
        Assert.Equal("http://www.w3.org/2000/svg", picture.Name.NamespaceName);
        Assert.Equal("Loss", picture.Attribute("aria-label")!.Value);
        Assert.Contains(picture.Elements(), element => element.Name.LocalName == "polyline");
        Assert.Contains("--c0", picture.Elements().Single(element => element.Name.LocalName == "style").Value, StringComparison.Ordinal);
    }

    private string Page(params string[] runs)
    {
        string path = folder.File("report.html");
        TrainingReport.Write(path, runs);
        string page = File.ReadAllText(path);
        foreach (string svg in Drawings(page)) XElement.Parse(svg);
        return page;
    }

    private static IEnumerable<string> Drawings(string page) =>
        Regex.Matches(page, "<svg.*?</svg>", RegexOptions.Singleline).Select(match => match.Value);

    private static IEnumerable<string> Titles(string page) => Drawings(page).Select(svg => XElement.Parse(svg).Attribute("aria-label")!.Value);
}
