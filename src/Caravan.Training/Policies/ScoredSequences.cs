using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>Log-probabilities of the labels of some sequences.</summary>
/// <param name="logProbabilities">[rows], those of one sequence after those of another.</param>
/// <param name="lengths">How many rows are each sequence's.</param>
internal sealed class ScoredSequences(Tensor logProbabilities, int[] lengths)
{
    /// <summary>[rows] in nats.</summary>
    public Tensor LogProbabilities => logProbabilities;

    /// <summary>How many labels each sequence has.</summary>
    public IReadOnlyList<int> Lengths => lengths;

    /// <summary>log p of all labels of each sequence, in nats.</summary>
    public double[] Sums { get; } = SumsOf(logProbabilities, lengths);

    /// <summary>All log-probabilities in their order.</summary>
    public double[] Tokens() => RowValues.Of(logProbabilities);

    /// <summary>The log-probabilities of each sequence.</summary>
    public IReadOnlyList<double[]> PerSequence() => RowValues.Split(Tokens(), lengths);

    /// <summary>A loss that depends on the sums.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="loss">Its value.</param>
    /// <param name="slopes">∂loss/∂sum of each sequence.</param>
    public Tensor Objective(Pass pass, double loss, ReadOnlySpan<double> slopes)
    {
        float[] gradient = new float[logProbabilities.Shape.Elements];
        int row = 0;
        for (int sequence = 0; sequence < lengths.Length; sequence++)
        {
            gradient.AsSpan(row, lengths[sequence]).Fill((float)slopes[sequence]);
            row += lengths[sequence];
        }

        return Tensors.Ops.Objective.Forward(pass, logProbabilities, loss, gradient);
    }

    /// <summary>A loss that depends on the single log-probabilities.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="loss">Its value.</param>
    /// <param name="slopes">∂loss/∂log p of each row.</param>
    public Tensor ObjectiveOfTokens(Pass pass, double loss, ReadOnlySpan<double> slopes)
    {
        float[] gradient = new float[slopes.Length];
        for (int i = 0; i < gradient.Length; i++) gradient[i] = (float)slopes[i];
        return Tensors.Ops.Objective.Forward(pass, logProbabilities, loss, gradient);
    }

    private static double[] SumsOf(Tensor logProbabilities, int[] lengths)
    {
        double[] sums = new double[lengths.Length];
        long row = 0;
        for (int sequence = 0; sequence < lengths.Length; sequence++)
            for (int i = 0; i < lengths[sequence]; i++) sums[sequence] += logProbabilities.Floats[row++];
        return sums;
    }
}
