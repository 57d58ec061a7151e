using System.Globalization;
using System.Text.RegularExpressions;

namespace Caravan.Training;

/// <summary>The checkpoints of a run, <c>step-00000200</c> and so on; of those that are neither the best nor the last few the oldest go.</summary>
/// <param name="path">The folder that holds them.</param>
/// <param name="keep">How many of the latest are kept; at least 1.</param>
internal sealed partial class CheckpointFolder(string path, int keep)
{
    /// <summary>The checkpoints by step, oldest first.</summary>
    public IReadOnlyList<(int Step, string Path)> All => !Directory.Exists(path) ? [] :
    [
        .. Directory.GetDirectories(path)
            .Select(folder => (Match: Pattern().Match(System.IO.Path.GetFileName(folder)), Path: folder))
            .Where(found => found.Match.Success)
            .Select(found => (int.Parse(found.Match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), found.Path))
            .OrderBy(found => found.Item1),
    ];

    /// <summary>The latest; null for none.</summary>
    public string? Latest => All is [.., (_, string latest)] ? latest : null;

    /// <summary>Where the checkpoint of a step belongs.</summary>
    public string PathOf(int step) => System.IO.Path.Combine(path, $"step-{step:00000000}");

    /// <summary>Deletes what need not be kept. A folder loses its name first, so that none is ever half there.</summary>
    /// <param name="best">The step of the best, which stays; null for none.</param>
    public void Retire(int? best)
    {
        IReadOnlyList<(int Step, string Path)> all = All;
        foreach ((int step, string old) in all.Take(Math.Max(0, all.Count - keep)))
        {
            if (step == best) continue;
            string nameless = old + ".deleted";
            Directory.Move(old, nameless);
            Directory.Delete(nameless, recursive: true);
        }
    }

    [GeneratedRegex("^step-([0-9]{8,9})$")]
    private static partial Regex Pattern();
}
