using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Caravan.Testing;
using Caravan.Training;

namespace Caravan.Cli.Tests;

/// <summary><c>caravan train</c> from its settings to the model that was learnt.</summary>
public sealed class TrainTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string model, data, output;

    public TrainTests()
    {
        (model, output) = (folder.File("model"), folder.File("run"));
        TinyLlama.Write(model);
        data = Conversations("chats.jsonl", 24);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ARunLearnsAndSaysWhereItIs()
    {
        CliResult result = Train("--steps", "12", "--schedule.rate", "3e-3", "--evaluation-fraction", "0.2", "--evaluate-every", "4").Succeeded();
        Assert.Matches("^Trained 12 steps in .*; loss [0-9.]+, held out [0-9.]+ at step [0-9]+\\.\nThe result( \\(step [0-9]+, the best\\))? is in '.*model', the curves are in '.*report.html'\\.\n$", result.Output);
        Assert.Matches("(?m)^step 1/12  loss ", result.Error);
        Assert.Matches("(?m)^step 4: held out loss ", result.Error);
        foreach (string file in (string[])["config.yaml", "run.json", "metrics.jsonl", "report.html", "model/config.json", "model/model.safetensors"])
            Assert.True(File.Exists(Path.Combine(output, file)), file);
        IReadOnlyList<JsonObject> steps = [.. MetricsFile.Read(Path.Combine(output, "metrics.jsonl")).Where(line => line["loss"] is not null)];
        Assert.True((double)steps[^1]["loss"]! < (double)steps[0]["loss"]!, "nothing was learnt");
        Assert.Equal("finished", RunFacts.Read(output)!.End);
        CliRunner.Run("generate", Path.Combine(output, "model"), "--prompt", "a", "--max-tokens", "2").Succeeded();
    }

    [Fact]
    public void TheSettingsOfARunRepeatIt()
    {
        Train("--steps", "5", "--optimizer", "lion", "--seed", "3").Succeeded();
        string again = folder.File("again");
        CliRunner.Run("train", Path.Combine(output, "config.yaml"), "--output", again).Succeeded();
        Assert.Equal(Losses(output), Losses(again));
        Assert.Equal(File.ReadAllBytes(Path.Combine(output, "model", "model.safetensors")), File.ReadAllBytes(Path.Combine(again, "model", "model.safetensors")));
    }

    [Fact]
    public void AnInterruptedRunGoesOnAsIfNothingHadHappened()
    {
        string whole = folder.File("whole");
        Train("--steps", "8", "--output", whole).Succeeded();

        HookedStream error = new();
        Terminal terminal = new(new StringReader(""), new MemoryStream(), error);
        error.OnWrite = () => terminal.Interrupts.Interrupt(130);
        CliResult interrupted = CliRunner.Run((terminal, error), Line("--steps", "8"));
        Assert.Equal(130, interrupted.ExitCode);
        Assert.Contains($"Interrupted after step 1 of 8; 'caravan train {output} --resume' goes on from there.", interrupted.Error, StringComparison.Ordinal);
        Assert.Equal("interrupted", RunFacts.Read(output)!.End);
        Assert.True(File.Exists(Path.Combine(output, "report.html")));

        CliResult refused = CliRunner.Run("train", output);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("holds a run already", refused.Error, StringComparison.Ordinal);

        Assert.DoesNotContain("instead of", CliRunner.Run("train", output, "--resume").Succeeded().Error, StringComparison.Ordinal);
        Assert.Equal(Losses(whole), Losses(output));
        Assert.Equal(File.ReadAllBytes(Path.Combine(whole, "model", "model.safetensors")), File.ReadAllBytes(Path.Combine(output, "model", "model.safetensors")));

        Assert.Contains("steps: 9 instead of 8.", CliRunner.Run("train", output, "--resume", "--steps", "9").Succeeded().Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AnExplanationDoesNothing()
    {
        CliResult result = Train("--epochs", "2", "--explain", "--measure").Succeeded();
        Assert.False(Directory.Exists(output));
        Assert.Matches("learnt +([0-9,]+) of \\1 parameters \\(100.00 %\\)", result.Output);
        Assert.Contains("6, 3 of them once through 24 samples", result.Output, StringComparison.Ordinal);
        Assert.Matches("⟦answer [0-9]+<\\|im_end\\|>", result.Output);
        foreach (string part in (string[])["weights", "gradients", "optimizer", "activations (about)", "a step"]) Assert.Contains(part, result.Output, StringComparison.Ordinal);
        JsonElement plan = Train("--steps", "3", "--explain", "--json").Succeeded().Json.GetProperty("plan");
        long parameters = plan.GetProperty("parameters").GetInt64();
        Assert.Equal(4 * parameters, plan.GetProperty("bytes").GetProperty("gradients").GetInt64());
        Assert.Equal(8 * parameters, plan.GetProperty("bytes").GetProperty("optimizer").GetInt64());
        Assert.Equal(JsonValueKind.Null, plan.GetProperty("seconds_per_step").ValueKind);
    }

    [Fact]
    public void AnAdapterIsLearntOverAQuantizedBase()
    {
        CliResult result = Train("--steps", "6", "--adapter", "lora", "--adapter.targets", "q_proj", "--adapter.targets", "v_proj", "--base-type", "nf4", "--schedule.rate", "1e-2").Succeeded();
        Assert.Contains($"is in '{Path.Combine(output, "adapter")}'", result.Output, StringComparison.Ordinal);
        double[] losses = Losses(output);
        Assert.True(losses[^1] < losses[0], "nothing was learnt");
        Assert.True(File.Exists(Path.Combine(output, "adapter", "adapter_model.safetensors")));
        JsonElement plan = Train("--steps", "1", "--adapter", "lora", "--explain", "--json").Succeeded().Json.GetProperty("plan");
        Assert.True(plan.GetProperty("trainable_parameters").GetInt64() < plan.GetProperty("parameters").GetInt64());
    }

    [Fact]
    public void AnAdapterThatChangesTheModelLeavesAModel()
    {
        Train("--steps", "4", "--adapter", "re_lora", "--adapter.restart-every", "2", "--schedule.rate", "1e-2").Succeeded();
        byte[] before = File.ReadAllBytes(Path.Combine(model, "model.safetensors")), after = File.ReadAllBytes(Path.Combine(output, "model", "model.safetensors"));
        Assert.False(before.AsSpan().SequenceEqual(after));
        CliRunner.Run("generate", Path.Combine(output, "model"), "--prompt", "a", "--max-tokens", "2").Succeeded();
    }

    [Fact]
    public void AReferenceIsWhatTheModelWas()
    {
        StringBuilder pairs = new();
        for (int i = 0; i < 16; i++)
            pairs.Append(new JsonObject { ["prompt"] = $"question {i}", ["chosen"] = $"answer {i}", ["rejected"] = "no" }.ToJsonString()).Append('\n');
        string file = folder.Write("pairs.jsonl", Encoding.UTF8.GetBytes(pairs.ToString()));
        string[] line = ["train", "--model", model, "--method", "dpo", "--data", file, "--context", "256", "--steps", "4", "--threads", "1", "--schedule.rate", "1e-3"];
        foreach (string[] flags in (string[][])[["--output", folder.File("full")], ["--output", folder.File("lora"), "--adapter", "lora"]])
        {
            CliRunner.Run([.. line, .. flags]).Succeeded();
            double[] losses = Losses(flags[1]);
            // Before anything is learnt policy and reference are the same, and the loss is −log ½ (Rafailov et al. 2023, eq. 7).
            Assert.Equal(Math.Log(2), losses[0], 1e-4);
            Assert.True(losses[^1] < losses[0], "nothing was learnt");
        }
    }

    [Fact]
    public void SomebodyWhoWatchesSeesABar()
    {
        CliResult result = CliRunner.RunWatched("", Line("--steps", "3"));
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("step 3 of 3", result.Error, StringComparison.Ordinal);
        Assert.Contains("100%", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void SettingsComeFromTheFileAndFlagsWin()
    {
        string file = folder.Write("run.yaml", Encoding.UTF8.GetBytes($"model: {model}\nmethod: sft\ndata:\n  - {data}\noutput: {output}\nsteps: 100\nbatch_size: 2\n"));
        CliRunner.Run("train", file, "--steps", "2", "--from-scratch").Succeeded();
        string written = File.ReadAllText(Path.Combine(output, "config.yaml"));
        Assert.Contains("\nsteps: 2\n", written, StringComparison.Ordinal);
        Assert.Contains("\nbatch_size: 2\n", written, StringComparison.Ordinal);
        Assert.Contains("\nfrom_scratch: true\n", written, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--steps many", "--steps takes a whole number of 1 or more, not 'many'.", 2)]
    [InlineData("--optimizer.beta3 1", "'--optimizer.beta3' is no option of 'caravan train'; 'caravan train --help' says what can be given. Did you mean '--optimizer.beta1' or '--optimizer.beta2' or '--optimizer.block'?", 2)]
    [InlineData("--steps 1 --epochs 1", "steps 1 and epochs 1 were both given; leave one out.", 1)]
    [InlineData("--steps 1 --measure", "--measure is a part of --explain; give that too.", 2)]
    [InlineData("--steps 1 --optimizer adamm", "There is no optimizer 'adamm'; there are adamw, adamw8bit, sgd, adafactor, lion, lomo, mezo. Did you mean 'adamw'?", 1)]
    public void MistakesAreOneSentence(string flags, string sentence, int exitCode)
    {
        CliResult result = Train(flags.Split(' '));
        Assert.Equal((exitCode, $"caravan: {sentence}\n"), (result.ExitCode, result.Error));
        Assert.False(Directory.Exists(output));
    }

    [Fact]
    public void ANumberThatIsNoneEndsTheRunAndKeepsIt()
    {
        CliResult result = Train("--steps", "20", "--save-every", "1", "--schedule", "constant", "--schedule.rate", "1e30", "--optimizer", "sgd", "--max-gradient-norm", "0");
        Assert.Equal(1, result.ExitCode);
        Assert.Matches("caravan: Training stopped at step [0-9]+: .* The last checkpoint is '.*'\\.\n$", result.Error);
        Assert.Equal("failed", RunFacts.Read(output)!.End);
    }

    [Fact]
    public void DocumentsHaveTheFieldsThatAreDocumented()
    {
        JsonElement run = Train("--steps", "2", "--json").Succeeded().Json, plan = Train("--steps", "2", "--explain", "--json").Succeeded().Json;
        DocumentTests.Check("train", JsonSerializer.SerializeToElement(new { plan = plan.GetProperty("plan"), run = run.GetProperty("run") }));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (run.GetProperty("plan").ValueKind, plan.GetProperty("run").ValueKind));
        string page = folder.File("both.html");
        JsonElement report = CliRunner.Run("report", output, output, "--output", page, "--json").Succeeded().Json;
        DocumentTests.Check("report", report);
        Assert.Contains("2 training runs", File.ReadAllText(page), StringComparison.Ordinal);
    }

    [Fact]
    public void HelpListsEverySettingOnce()
    {
        string help = CliRunner.Run("train", "--method", "dpo", "--help").Succeeded().Output;
        IEnumerable<string> others = MethodCatalog.All.Select(row => row.Name).Where(name => name != "dpo");
        foreach (Setting setting in new SettingSchema(typeof(TrainingSettings)).All.Where(each => !each.IsSection && !others.Contains(each.Path.Split('.')[0])))
        {
            bool shorthand = setting.Attribute.IsShorthand;
            string flag = shorthand ? setting.FlagName[..setting.FlagName.LastIndexOf('.')] : setting.FlagName;
            Assert.Single(help.Split('\n'), line => line.StartsWith($"  {flag} <", StringComparison.Ordinal));
        }
    }

    private static double[] Losses(string run) =>
        [.. MetricsFile.Read(Path.Combine(run, "metrics.jsonl")).Where(line => line["loss"] is not null).Select(line => (double)line["loss"]!)];

    private CliResult Train(params string[] flags) => CliRunner.Run(Line(flags));

    private string[] Line(params string[] flags)
    {
        string[] line = ["train", "--model", model, "--method", "sft", "--data", data, "--batch-size", "8", "--context", "256", "--threads", "1"];
        return flags.Contains("--output") ? [.. line, .. flags] : [.. line, "--output", output, .. flags];
    }

    private string Conversations(string name, int count)
    {
        StringBuilder lines = new();
        for (int i = 0; i < count; i++)
        {
            lines.Append(new JsonObject
            {
                ["messages"] = new JsonArray(
                    new JsonObject { ["role"] = "user", ["content"] = $"question {i}" }, new JsonObject { ["role"] = "assistant", ["content"] = $"answer {i}" }),
            }.ToJsonString()).Append('\n');
        }

        return folder.Write(name, Encoding.UTF8.GetBytes(lines.ToString()));
    }
}
