using Caravan.Training;

namespace Caravan.Cli;

/// <summary>Where a run is, in the numbers that people watch: means over the last steps, since single ones jump.</summary>
/// <param name="steps">Steps in all.</param>
internal sealed class TrainingStatus(int steps)
{
    /// <summary>Over about how many steps means are taken.</summary>
    private const double Window = 20;

    private double weight, loss, seconds, tokens;

    /// <summary>Steps in all.</summary>
    public int Steps => steps;

    /// <summary>The last step; null before the first.</summary>
    public StepReport? Last { get; private set; }

    /// <summary>The mean of the loss.</summary>
    public double Loss => loss / weight;

    /// <summary>Tokens of a second.</summary>
    public double Speed => tokens / Math.Max(seconds, 1e-9);

    /// <summary>Time until the last step, if the next are like the last ones.</summary>
    public TimeSpan Left => Last is null ? TimeSpan.Zero : TimeSpan.FromSeconds((steps - Last.Step) * seconds / weight);

    /// <summary>The last look at held-out data; null before the first.</summary>
    public (int Step, IReadOnlyDictionary<string, double> Seen)? Evaluation { get; private set; }

    /// <summary>The lowest loss over held-out data, and when it was; null for none.</summary>
    public (int Step, double Loss)? Best { get; private set; }

    /// <summary>Takes a step in.</summary>
    public void Add(StepReport step)
    {
        const double decay = 1 - (1 / Window);
        weight = (decay * weight) + 1;
        loss = (decay * loss) + step.Loss;
        seconds = (decay * seconds) + step.Elapsed.TotalSeconds;
        tokens = (decay * tokens) + step.Tokens;
        Last = step;
    }

    /// <summary>Takes a look at held-out data in.</summary>
    public void Add(int step, IReadOnlyDictionary<string, double> seen)
    {
        Evaluation = (step, seen);
        if (seen.TryGetValue("loss", out double held) && (Best is null || held < Best.Value.Loss)) Best = (step, held);
    }
}
