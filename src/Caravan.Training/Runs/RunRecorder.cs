using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>Keeps beside the metrics of a run what else its folder should tell: <c>config.yaml</c>, <c>run.json</c> and <c>report.html</c>.</summary>
/// <param name="session">What runs.</param>
/// <param name="version">The version of Caravan.</param>
internal sealed class RunRecorder(TrainingSession session, string version)
{
    /// <summary>Names of files in the folder of a run.</summary>
    public const string SettingsFile = "config.yaml", ReportFile = "report.html";

    private readonly string folder = session.Settings.Output;
    private DateTimeOffset started;

    /// <summary>Whether the folder is this run's.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Settings that the run in the folder began with and does not go on with, such as <c>schedule.rate: 0.001 instead of 0.002</c>; none where there is no run.</summary>
    public IReadOnlyList<string> Changes()
    {
        string file = Path.Combine(folder, SettingsFile);
        if (!File.Exists(file)) return [];
        IReadOnlyDictionary<string, string> old = YamlText.Flattened(File.ReadAllText(file)), now = YamlText.Flattened(SettingsWriter.Write(session.Settings, IsUsed));
        return
        [
            .. now.Keys.Union(old.Keys).Where(key => now.GetValueOrDefault(key) != old.GetValueOrDefault(key))
                .Select(key => $"{key}: {now.GetValueOrDefault(key, "nothing")} instead of {old.GetValueOrDefault(key, "nothing")}"),
        ];
    }

    /// <summary>Writes down what begins.</summary>
    /// <exception cref="CaravanException">The folder cannot be written to.</exception>
    public void Begin()
    {
        started = RunFacts.Read(folder)?.Started ?? DateTimeOffset.Now;
        SettingsWriter.WriteFile(Path.Combine(folder, SettingsFile), session.Settings, $"Settings of this run; 'caravan train {folder} --resume' goes on with it.", IsUsed);
        Write("running");
        HasBegun = true;
    }

    /// <summary>Writes down how it ended, and draws its report.</summary>
    /// <param name="end">A word of <see cref="RunFacts.End"/>.</param>
    /// <exception cref="CaravanException">The disk is full or fails.</exception>
    public void End(string end)
    {
        Write(end);
        TrainingReport.Write(Path.Combine(folder, ReportFile), [folder]);
    }

    /// <summary>Sections of other methods say nothing of this run.</summary>
    private bool IsUsed(Setting setting) => setting.Key == session.Settings.Method || MethodCatalog.All.All(row => row.Name != setting.Key);

    private void Write(string end)
    {
        (long learnt, long all) = TrainingPlan.CountParameters(session);
        new RunFacts
        {
            Started = started, Updated = DateTimeOffset.Now, End = end, Version = version, Machine = Describe(session.Device),
            TrainableParameters = learnt, Parameters = all,
        }.Write(folder);
    }

    private static string Describe(Device device) =>
        $"{Cpu.Name ?? "processor of unknown name"}, {device.Threads} thread{(device.Threads == 1 ? "" : "s")}, {device.InstructionSet.ToString().ToLowerInvariant()}";
}
