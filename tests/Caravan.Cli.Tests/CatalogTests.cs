using Caravan.Kernels;
using Xunit.Abstractions;

namespace Caravan.Cli.Tests;

public class CatalogTests(ITestOutputHelper output)
{
    [Fact]
    public void EveryModelRunsOrSaysWhyNot()
    {
        CatalogEntry[] models = [.. SystemCatalog.All.Where(entry => entry.IsModel)];
        foreach (CatalogEntry entry in models)
        {
            Assert.True(entry.Model is not null, $"'{entry.Id}' has no line in models.tsv");
            Assert.True(entry.Model.Families.Count > 0 != entry.Model.WhyNot is not null, $"'{entry.Id}' must have either a family or a reason in models.tsv");
            if (entry.Model.Problem is { } problem) output.WriteLine($"{entry.Id}: {problem}");
        }

        output.WriteLine($"models: {models.Count(entry => entry.Model!.IsRunnable)} of {models.Length} runnable");
        Assert.Equal(310, models.Length);
    }

    [Fact]
    public void EveryJudgementIsOfAnEntry() =>
        Assert.Empty(SystemCatalog.ReadModels().Keys.Except(SystemCatalog.All.Select(entry => entry.Id)));

    [Fact]
    public void EveryTemplateIsBuiltIn() => Assert.All(
        SystemCatalog.ReadModels().Values.Select(model => model.Template).OfType<string>(), name => Assert.NotNull(Text.BuiltInTemplates.Find(name)));

    [Fact]
    public void WhatIsRunnableFollowsFromTheFamilies()
    {
        Assert.True(SystemCatalog.Find("Vicuna").Model!.IsRunnable);
        Assert.Equal("no public weights", SystemCatalog.Find("gpt-4").Model!.Problem);
        Assert.Equal("the family pangu-alpha is not in Caravan yet", SystemCatalog.Find("pangu-alpha").Model!.Problem);
        Assert.Null(SystemCatalog.Find("lora").Model);
        Assert.True(new CatalogModel(["LLAMA", "nobody"], null, null, [], null, null).IsRunnable);
    }

    [Theory]
    [InlineData(7, DType.F16, 15.4e9)]
    [InlineData(1, DType.Q8_0, 1.1e9 * 34 / 32)]
    [InlineData(1, DType.Q4_K, 1.1e9 * 144 / 256)]
    public void MemoryIsParametersTimesBitsAndAnAllowance(double billions, DType type, double bytes) => Assert.Equal(bytes, MemoryNeeds.Bytes(billions, type), bytes * 1e-12);

    [Fact]
    public void ShowSaysHowToRunIt()
    {
        string shown = CliRunner.Run("catalog", "show", "tinyllama").Succeeded().Output;
        Assert.Contains("caravan pull TinyLlama/TinyLlama-1.1B-Chat-v1.0\n", shown, StringComparison.Ordinal);
        Assert.Contains("caravan chat TinyLlama/TinyLlama-1.1B-Chat-v1.0\n", shown, StringComparison.Ordinal);
        Assert.Contains("q4_k", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("Run it:", CliRunner.Run("catalog", "show", "gpt-4").Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void FiltersLeaveOutOthers()
    {
        Assert.All(List("--kind", "peft-method"), kind => Assert.Equal("peft-method", kind));
        Assert.Equal(310, List("--kind", "model").Length);
        Assert.Equal(SystemCatalog.All.Count(entry => entry.Model?.Families.Contains("bloom") == true), List("--family", "bloom").Length);
        Assert.Equal(SystemCatalog.All.Count(entry => entry.Languages.Contains("fr")), List("--language", "fr").Length);
        Assert.NotEmpty(List("--licence", "apache", "--kind", "chat-model"));
        Assert.True(List("--runnable").Length < List("--kind", "model").Length);
    }

    [Fact]
    public void SearchFindsNamesFirst()
    {
        string[] ids = [.. CliRunner.Run("catalog", "search", "dolly", "--json").Json.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("id").GetString()!)];
        Assert.StartsWith("dolly", ids[0], StringComparison.Ordinal);
        Assert.Equal(0, CliRunner.Run("catalog", "search", "nothing-of-the-kind").Succeeded().Error.Length);
    }

    [Theory]
    [InlineData("catalog show vicunna", 1, "Did you mean 'vicuna'?")]
    [InlineData("catalog list --kind chat-modle", 2, "Did you mean 'chat-model'")]
    [InlineData("catalog list --family lama", 2, "Did you mean 'llama'")]
    [InlineData("catalog", 2, "known are list, search, show")]
    public void MistypedNamesGetSuggestions(string line, int exitCode, string expected)
    {
        CliResult result = CliRunner.Run(line.Split(' '));
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    private static string[] List(params string[] filters) =>
        [.. CliRunner.Run(["catalog", "list", "--json", .. filters]).Json.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("kind").GetString()!)];
}
