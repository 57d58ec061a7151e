namespace Caravan.Training;

/// <summary>What answers are worth.</summary>
internal abstract class Reward : IDisposable
{
    /// <summary>A number for each answer; more is better.</summary>
    /// <param name="answers">Answers to prompts.</param>
    /// <exception cref="CaravanException">A prompt's record lacks what is compared with, or a model fails.</exception>
    public abstract double[] Score(IReadOnlyList<Answer> answers);

    /// <summary>Frees what belongs to it.</summary>
    public virtual void Dispose()
    {
    }
}

/// <summary>Several rewards together.</summary>
/// <param name="parts">The rewards with their factors; they are its own.</param>
internal sealed class RewardSum(IReadOnlyList<(Reward Reward, double Weight)> parts) : Reward
{
    /// <inheritdoc/>
    public override double[] Score(IReadOnlyList<Answer> answers)
    {
        double[] sums = new double[answers.Count];
        foreach ((Reward reward, double weight) in parts)
        {
            double[] scores = reward.Score(answers);
            for (int i = 0; i < sums.Length; i++) sums[i] += weight * scores[i];
        }

        return sums;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach ((Reward reward, _) in parts) reward.Dispose();
        base.Dispose();
    }
}
