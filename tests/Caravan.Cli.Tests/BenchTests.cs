using System.Text.Json;
using Caravan.Formats;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary>What <c>caravan bench</c> reports. How fast it was is nobody's business here.</summary>
public sealed class BenchTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string model;

    public BenchTests()
    {
        model = folder.File("tiny.gguf");
        new SyntheticModel(SyntheticModelTests.Tiny, SyntheticTypes.Parse("q4_0")).Write(model, new WriteOptions());
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void EverythingIsReported()
    {
        JsonElement report = Bench("--prompt 40 --generate 5 --repeat 3 --threads 2");
        RequireRates(report.GetProperty("prompt"), tokens: 40, runs: 3);
        RequireRates(report.GetProperty("generate"), tokens: 5, runs: 3);
        using GgufFile file = GgufFile.Open(model);
        Assert.Equal(file.Tensors.Values.Sum(tensor => tensor.StoredBytes), report.GetProperty("weight_bytes").GetInt64());
        long step = report.GetProperty("weight_bytes").GetInt64() - file.Tensors["token_embd.weight"].StoredBytes;
        JsonElement generate = report.GetProperty("generate");
        Assert.Equal(generate.GetProperty("tokens_per_second").GetDouble() * step, generate.GetProperty("weight_bytes_per_second").GetDouble(), 1.0);
        JsonElement machine = report.GetProperty("machine");
        Assert.All(machine.EnumerateObject(), field => Assert.True(field.Value.GetDouble() > 0, field.Name));
        Assert.Equal(machine.GetProperty("read_bytes_per_second").GetDouble(), report.GetProperty("memory_bytes_per_second").GetDouble());
        JsonElement memory = report.GetProperty("memory");
        Assert.Equal(step, memory.GetProperty("step_weight_bytes").GetInt64());
        Assert.True(memory.GetProperty("page_bytes").GetInt64() > 0);
        Assert.Equal(
            report.GetProperty("peak_bytes").GetInt64(),
            new[] { "step_weight_bytes", "page_bytes", "state_bytes", "other_bytes" }.Sum(name => memory.GetProperty(name).GetInt64()));
        Assert.Equal(2, report.GetProperty("threads").GetInt32());
        Assert.True(report.GetProperty("load_seconds").GetDouble() > 0);
        Assert.True(report.GetProperty("first_token_seconds").GetDouble() > report.GetProperty("load_seconds").GetDouble());
        Assert.True(report.GetProperty("peak_bytes").GetInt64() > report.GetProperty("weight_bytes").GetInt64());
    }

    /// <summary>The tiny model's keys and values take what their type says: bits a number are 32, 16, 8.5 and 4.5.</summary>
    [Theory]
    [InlineData("f32", 32)]
    [InlineData("F16", 16)]
    [InlineData("q8_0", 8.5)]
    [InlineData("q4_0", 4.5)]
    public void PagesHaveTheTypeThatIsAskedFor(string type, double bits)
    {
        JsonElement report = Bench($"--prompt 40 --generate 5 --repeat 1 --threads 2 --kv-type {type}");
        Assert.Equal(type, report.GetProperty("kv_type").GetString(), ignoreCase: true);
        SyntheticShape tiny = SyntheticModelTests.Tiny;
        Assert.Equal(2 * tiny.Layers * tiny.KeyValueSize * bits / 8, report.GetProperty("kv_bytes_per_token").GetInt64());
    }

    [Theory]
    // Depths within a page, of whole pages, and between; more tokens than one pass takes; more than the model was trained for.
    [InlineData("--prompt 7 --generate 3 --depth 5")]
    [InlineData("--prompt 7 --generate 3 --depth 32")]
    [InlineData("--prompt 20 --generate 20 --depth 39 --batch 3")]
    [InlineData("--prompt 600 --generate 2 --depth 600 --batch 2")]
    [InlineData("--prompt 1 --generate 1 --batch 64 --depth 33")]
    public void BatchesAndDepthsAreMeasured(string sizes)
    {
        string[] words = sizes.Split(' ');
        JsonElement report = Bench(sizes + " --repeat 2");
        RequireRates(report.GetProperty("prompt"), int.Parse(words[1]), runs: 2);
        RequireRates(report.GetProperty("generate"), int.Parse(words[3]), runs: 2);
        foreach (string name in new[] { "depth", "batch" })
        {
            int place = Array.IndexOf(words, "--" + name);
            Assert.Equal(place < 0 ? (name == "batch" ? 1 : 0) : int.Parse(words[place + 1]), report.GetProperty(name).GetInt32());
        }
    }

    [Fact]
    public void ABatchIsComparedWithOneOfItsSequences()
    {
        JsonElement generate = Bench("--prompt 0 --generate 3 --batch 4 --repeat 3").GetProperty("generate");
        Assert.True(generate.GetProperty("one_sequence_tokens_per_second").GetDouble() > 0);
        Assert.True(generate.GetProperty("ratio_to_one_sequence").GetDouble() > 0);
        JsonElement alone = Bench("--prompt 0 --generate 3 --repeat 1").GetProperty("generate");
        Assert.Equal(JsonValueKind.Null, alone.GetProperty("ratio_to_one_sequence").ValueKind);
    }

    [Fact]
    public void SharesAreThoseOfTheRuns()
    {
        BenchRun run = new() { Prompt = 10, Generate = 8, Alone = 4, LinearLimit = 20, ReadBytesPerSecond = 1000, RegionSeconds = 1e-6 };
        BenchReport report = new()
        {
            Runs = [run, run with { Prompt = 4, Generate = 2, Alone = 2, LinearLimit = 5, ReadBytesPerSecond = 100 }, run],
            Batch = 2, WeightBytes = 150, StepBytes = 100, PageBytes = 30, LinearOperationsPerToken = 7, PeakBytes = 175,
            Threads = 1, InstructionSet = Kernels.InstructionSet.Scalar, KeyValueType = Kernels.DType.F16, TokenBytes = 1, StateBytes = 0, Load = default, FirstToken = default,
        };
        Assert.Equal((0.4, 0.5, 2, 140, 400, 45), (report.ReadShare!.Value, report.LinearShare!.Value, report.RatioToAlone!.Value, report.LinearOperationsPerSecond!.Value, report.WeightBytesPerSecond!.Value, report.OtherBytes));
    }

    [Theory]
    [InlineData("--prompt 0 --generate 2", "prompt", "generate")]
    [InlineData("--prompt 2 --generate 0", "generate", "prompt")]
    public void ZeroLeavesAMeasurementOut(string sizes, string absent, string present)
    {
        JsonElement report = Bench(sizes);
        Assert.Equal(JsonValueKind.Null, report.GetProperty(absent).ValueKind);
        RequireRates(report.GetProperty(present), tokens: 2, runs: 3);
    }

    [Fact]
    public void TheTableSaysTheSame()
    {
        string table = CliRunner.Run("bench", model, "--prompt", "4", "--generate", "2", "--repeat", "1").Succeeded().Output;
        foreach (string word in new[] { "prompt", "generate", "tokens/s", model, "weights", "threads", "load", "first token", "peak memory", "of pages", "linear layers", "parallel region" })
            Assert.Contains(word, table, StringComparison.Ordinal);
    }

    [Fact]
    public void TooManyTokensAreRefused()
    {
        CliResult result = CliRunner.Run("bench", model, "--batch", "512", "--depth", "16777216");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("lower --batch, --depth, --prompt or --generate", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void CtrlCEndsIt()
    {
        using CancellationTokenSource source = new();
        using Benchmark benchmark = new(model, new BenchOptions { Prompt = 4, Generate = 4 }, source.Token);
        source.Cancel();
        Assert.Throws<OperationCanceledException>(benchmark.Run);
    }

    [Fact]
    public void TheMedianIsTheMiddle()
    {
        Assert.Equal(2, BenchReport.Median([3, 1, 2]));
        Assert.Equal(2.5, BenchReport.Median([4, 1, 3, 2]));
    }

    [Fact]
    public void LinuxTellsThePeak()
    {
        Assert.Equal(123_456L * 1024, PeakMemory.FromLines(["Name:\tcaravan", "VmPeak:\t  999999 kB", "VmHWM:\t  123456 kB", "VmRSS:\t   99999 kB"]));
        Assert.Null(PeakMemory.FromLines(["Name:\tcaravan"]));
    }

    private JsonElement Bench(string options) => CliRunner.Run(["bench", "--model", model, "--json", .. options.Split(' ')]).Succeeded().Json;

    private static void RequireRates(JsonElement rates, int tokens, int runs)
    {
        Assert.Equal(tokens, rates.GetProperty("tokens").GetInt32());
        double[] each = [.. rates.GetProperty("runs").EnumerateArray().Select(run => run.GetDouble())];
        Assert.Equal(runs, each.Length);
        Assert.All(each, rate => Assert.True(rate > 0, $"{rate} tokens/s"));
        Assert.Equal(BenchReport.Median(each), rates.GetProperty("tokens_per_second").GetDouble());
    }
}
