namespace Caravan.Training.Tests;

/// <summary>Every method of the catalogue from a file of settings to a model that is written.</summary>
public class EveryMethodTests
{
    public static TheoryData<string> Methods => [.. MethodCatalog.All.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Methods))]
    public void AMethodRunsFromItsSettings(string name)
    {
        using TinyTask task = new(MethodSamples.Of(name));
        TrainingSettings settings = MethodSamples.Settings(task, MethodSamples.Other(task)) with
        {
            Model = task.ModelPath,
            Method = name,
            Data = [new DataSettings { Path = task.DataPath }],
            Output = Path.Combine(task.Folder, "run"),
            BatchSize = 4,
            Epochs = 1,
            Threads = 2,
            Context = 128,
            EvaluationData = [new DataSettings { Path = task.Write("other.jsonl", MethodSamples.Of(name).Take(3)) }],
        };
        string file = Path.Combine(task.Folder, "settings.yaml");
        SettingsWriter.WriteFile(file, settings, "A run.");
        SettingsReader<TrainingSettings> reader = new();
        reader.ReadFile(file);
        Directory.CreateDirectory(settings.Output);
        using TrainingSession session = new(reader.Build());
        Assert.Equal(2 * session.Loop.Method.StepsPerBatch, session.Steps);
        for (int step = 0; step < 2; step++) Assert.True(double.IsFinite(session.Loop.Step().Loss));
        Assert.True(double.IsFinite(session.Loop.Evaluate()["loss"]));
        string written = session.WriteResult();
        Assert.True(File.Exists(Path.Combine(written, "model.safetensors")));
        Assert.Equal(name == "reward_model", File.Exists(Path.Combine(written, ScoreHead.FileName)));
    }
}
