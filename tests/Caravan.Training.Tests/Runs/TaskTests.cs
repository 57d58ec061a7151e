namespace Caravan.Training.Tests;

/// <summary>Several adapters that are learnt at once over one base.</summary>
public sealed class TaskTests : IDisposable
{
    private readonly TinyTask task = new(TinyTask.Sums(12));

    public void Dispose() => task.Dispose();

    /// <summary>To the bit: neither gradients, clipping, moments nor data of one are the other's.</summary>
    [Theory]
    [InlineData("sft", "lora", false)]
    [InlineData("sft", "ada_lora", false)]
    [InlineData("sft", "dora", true)]
    [InlineData("dpo", "lora", true)]
    public void EachLearnsWhatItWouldAlone(string method, string kind, bool resumed)
    {
        TrainingSettings run = Settings(method, kind);
        IEnumerable<byte[]> alone = [.. run.Tasks.Select(each => Learnt(each.Alone(run) with { Output = Path.Combine(task.Folder, each.Name) }, resumed: false, ["adapter"]).Single())];
        Assert.Equal(alone, Learnt(run, resumed, ["adapters/first", "adapters/second"]));
    }

    [Fact]
    public void WhatIsSeenIsNamedAfterTheTask()
    {
        using TrainingSession session = new(Settings("dpo", "lora"));
        StepReport step = session.Loop.Step();
        Assert.Equal(step.Loss, step.Observations["first.loss"] + step.Observations["second.loss"], 1e-6);
        Assert.Contains("second.reward_margin", step.Observations.Keys);
        IReadOnlyDictionary<string, double> seen = session.Loop.Evaluate();
        Assert.Equal(seen["loss"], seen["first.loss"] + seen["second.loss"], 1e-6);
        Assert.Equal(2 * session.Data[0].HeldOut.Sum(part => part.Samples.Count), TrainingPlan.Of(session).HeldOut);
    }

    [Fact]
    public void TasksThatDoNotFitAreRefused()
    {
        TrainingSettings run = Settings("sft", "lora");
        Refused(run with { Adapter = null }, "The task 'first' has no adapter");
        Refused(run with { Adapter = new AdapterOptions { Kind = "re_lora" } }, "an adapter of the kind re_lora, which changes the base");
        Refused(run with { Steps = null }, "different times; give steps.");
        Refused(run with { Data = run.Tasks[0].Data }, "tasks have data of their own");
        Refused(run with { Tasks = [run.Tasks[0], run.Tasks[0]] }, "Two tasks are called 'first'");
        Refused(run with { Tasks = [run.Tasks[0] with { Name = "../first" }] }, "The task '../first' needs another name");
        Refused(run with { Tasks = [] }, "data was not given");

        static void Refused(TrainingSettings settings, string sentence) =>
            Assert.Contains(sentence, Assert.Throws<CaravanException>(() => new TrainingSession(settings)).Message, StringComparison.Ordinal);
    }

    /// <summary>Through their file, as people write them.</summary>
    private TrainingSettings Settings(string method, string kind)
    {
        string first = task.Write("first.jsonl", MethodSamples.Of(method)), second = task.Write("second.jsonl", MethodSamples.Of(method).Reverse().Take(6));
        string file = Path.Combine(task.Folder, "run.yaml");
        File.WriteAllText(file, $"""
            model: {task.ModelPath}
            method: {method}
            adapter: {kind}
            output: {Path.Combine(task.Folder, "run")}
            steps: 6
            batch_size: 4
            context: 128
            threads: 2
            max_gradient_norm: 0.05
            schedule: constant
            tasks:
            - name: first
              data: {first}
              evaluation_data: {first}
            - name: second
              data:
              - path: {second}
              evaluation_data: {first}
              adapter:
                kind: {kind}
                rank: 3
            """);
        SettingsReader<TrainingSettings> reader = new();
        reader.ReadFile(file);
        return reader.Build();
    }

    private static IEnumerable<byte[]> Learnt(TrainingSettings settings, bool resumed, string[] folders)
    {
        Directory.CreateDirectory(settings.Output);
        string checkpoint = Path.Combine(settings.Output, "checkpoint");
        if (resumed)
        {
            using TrainingSession begun = new(settings);
            for (int step = 0; step < 3; step++) begun.Loop.Step();
            TrainingCheckpoint.Write(checkpoint, begun.Loop, []);
        }

        using TrainingSession session = new(settings);
        if (resumed) TrainingCheckpoint.Read(checkpoint, session.Loop);
        while (session.Loop.Steps < session.Steps) session.Loop.Step();
        session.WriteResult();
        return [.. folders.Select(folder => File.ReadAllBytes(Path.Combine(settings.Output, folder, "adapter_model.safetensors")))];
    }
}
