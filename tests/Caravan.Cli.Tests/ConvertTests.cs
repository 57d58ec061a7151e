using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary><c>caravan convert</c>, and what its results generate.</summary>
public sealed class ConvertTests
{
    [FixtureTheory]
    [InlineData("stories.gguf", "f32")]
    [InlineData("stories.gguf", "q8_0")]
    [InlineData("stories", "f32")]
    [InlineData("stories", "bf16")]
    public void WhatWasConvertedGeneratesOn(string target, string type)
    {
        using TemporaryFolder folder = new();
        JsonElement report = CliRunner.Run("convert", CliRunner.Stories, folder.File(target), "--type", type, "--json").Succeeded().Json;
        Assert.Equal(47, report.GetProperty("tensors").GetInt32());
        Assert.Equal(47, report.GetProperty("types").EnumerateObject().Sum(pair => pair.Value.GetInt32()));
        int[] tokens = CliRunner.Run("generate", folder.File(target), "--prompt", "", "--greedy", "--json").Succeeded().Json.GetProperty("tokens").Integers();
        int[] golden = CliRunner.StoriesGolden.GetProperty("from_bos").GetProperty("greedy_64").Integers();
        // Rounded weights may part ways somewhere, but not at the beginning of a story that the model knows by heart.
        int exact = type == "f32" ? 64 : 20;
        Assert.Equal(golden[..exact], tokens[..exact]);
    }

    [FixtureFact]
    public void ThereAndBackTheNumbersAreTheSame()
    {
        using TemporaryFolder folder = new();
        CliRunner.Run("convert", CliRunner.Stories, folder.File("a.gguf")).Succeeded();
        CliRunner.Run("convert", folder.File("a.gguf"), folder.File("b")).Succeeded();
        string[] logits = ["--tokens", "1,403,407,261", "--positions", "all", "--json"];
        string expected = CliRunner.Run(["logits", CliRunner.Stories, .. logits]).Succeeded().Output;
        Assert.Equal(expected, CliRunner.Run(["logits", folder.File("a.gguf"), .. logits]).Succeeded().Output);
    }

    [FixtureFact]
    public void AnExistingTargetIsKeptUnlessToldOtherwise()
    {
        using TemporaryFolder folder = new();
        string target = folder.Write("a.gguf", "precious"u8);
        CliResult refused = CliRunner.Run("convert", CliRunner.Stories, target);
        Assert.Equal(1, refused.ExitCode);
        Assert.StartsWith($"caravan: '{target}' exists already;", refused.Error, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(target));
        CliRunner.Run("convert", CliRunner.Stories, target, "--overwrite").Succeeded();
        Assert.StartsWith("GGUF", File.ReadAllText(target), StringComparison.Ordinal);
    }

    [FixtureFact]
    public void TheReportSaysWhereItIsAndWhatFellBack()
    {
        using TemporaryFolder folder = new();
        string output = CliRunner.Run("convert", CliRunner.Stories, folder.File("a.gguf"), "--type", "q4_0").Succeeded().Output;
        Assert.StartsWith($"Wrote '{folder.File("a.gguf")}', a GGUF file of 47 tensors and ", output, StringComparison.Ordinal);
        Assert.Contains("  q4_0  31\n", output, StringComparison.Ordinal);
        Assert.Contains("5 tensors are F16 instead of Q4_0", output, StringComparison.Ordinal);
    }

    [FixtureFact]
    public void OnATerminalAFinishedConversionLeavesOnlyItsReport()
    {
        using TemporaryFolder folder = new();
        CliResult result = CliRunner.RunWatched("", "convert", CliRunner.Stories, folder.File("a.gguf")).Succeeded();
        Assert.Contains("Wrote '", result.Output, StringComparison.Ordinal);
        Assert.Equal(["a.gguf"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }
}
