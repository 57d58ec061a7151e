using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>Chooses experts for each row (Shazeer et al. 2017, "Outrageously Large Neural Networks"; Fedus et al. 2021, "Switch Transformers", eq. 1).</summary>
internal static class Route
{
    /// <summary>
    /// The <paramref name="perRow"/> experts with the largest p = softmax(logits), the lower number first among equals. Logits that are NaN choose
    /// some experts and give them weights that are NaN.
    /// </summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="logits">[N, experts] F32.</param>
    /// <param name="perRow">Experts for each row, from 1 to all.</param>
    /// <param name="renormalised">Whether the weights w are p divided by a norm of the chosen; otherwise w = p.</param>
    /// <param name="order">q of that norm, (Σ pᵠ)^(1/q); 1 is the sum.</param>
    /// <returns>
    /// The choice. Gradients flow through the weights: dlogits = w·(dw − wᵠ⁻¹·Σ w·dw) for the chosen and 0 for the others, or, where weights are not
    /// renormalised, w·(dw − Σ w·dw) and −p·Σ w·dw. The choice itself has none.
    /// </returns>
    public static Routing Forward(Pass pass, Tensor logits, int perRow, bool renormalised, float order = 1)
    {
        int experts = checked((int)logits.Shape.Columns), rows = checked((int)logits.Shape.Rows);
        ShapeGuard.Require(perRow >= 1 && perRow <= experts, $"Route: {perRow} experts cannot be chosen from {logits}.");
        Tensor probabilities = pass.Workspace.Rent(logits.Shape), weights = pass.Result(new Shape(rows, perRow), logits);
        pass.Kernels.Softmax(logits.Floats, experts, probabilities.Floats);
        NativeSpan<int> chosen = pass.Workspace.Take<int>((long)rows * perRow);
        for (int row = 0; row < rows; row++)
        {
            Choose(
                probabilities.Floats.AsSpan((long)row * experts, experts), chosen.AsSpan((long)row * perRow, perRow),
                weights.Floats.AsSpan((long)row * perRow, perRow), renormalised ? order : 0);
        }

        if (weights.RequiresGradient) pass.Tape!.Record<RouteStep>().Set(logits, probabilities, chosen, weights, renormalised ? order : 0);
        return Grouped(pass, weights, chosen, experts, perRow);
    }

    private static void Choose(ReadOnlySpan<float> probabilities, Span<int> chosen, Span<float> weights, float order)
    {
        float sum = 0;
        for (int rank = 0; rank < chosen.Length; rank++)
        {
            int best = -1;
            for (int expert = 0; expert < probabilities.Length; expert++)
            {
                // NaN is larger than nothing, so the first expert left stays the best.
                if (!chosen[..rank].Contains(expert) && (best < 0 || probabilities[expert] > probabilities[best])) best = expert;
            }

            chosen[rank] = best;
            weights[rank] = probabilities[best];
            sum += order == 1 ? weights[rank] : MathF.Pow(weights[rank], order);
        }

        if (order == 0) return;
        float norm = order == 1 ? sum : MathF.Pow(sum, 1 / order);
        foreach (ref float weight in weights) weight /= norm;
    }

    /// <summary>Counting sort: stable, so that rows of a group keep their order.</summary>
    private static Routing Grouped(Pass pass, Tensor weights, NativeSpan<int> chosen, int experts, int perRow)
    {
        NativeSpan<int> rows = pass.Workspace.Take<int>(chosen.Length), places = pass.Workspace.Take<int>(chosen.Length);
        NativeSpan<int> groups = pass.Workspace.Take<int>(experts + 1), next = pass.Workspace.Take<int>(experts);
        groups.Clear();
        foreach (int expert in chosen.AsSpan()) groups[expert + 1]++;
        for (int expert = 0; expert < experts; expert++)
        {
            next[expert] = groups[expert];
            groups[expert + 1] += groups[expert];
        }

        for (int i = 0; i < chosen.Length; i++)
        {
            int place = next[chosen[i]]++;
            places[i] = place;
            rows[place] = i / perRow;
        }

        return new Routing(weights, rows, groups, places);
    }
}

file sealed class RouteStep : TapeStep
{
    private Tensor logits = null!, probabilities = null!, weights = null!;
    private NativeSpan<int> chosen;
    /// <summary>Of the norm that weights were divided by; 0 for none.</summary>
    private float order;

    public void Set(Tensor logits, Tensor probabilities, NativeSpan<int> chosen, Tensor weights, float order) =>
        (this.logits, this.probabilities, this.chosen, this.weights, this.order) = (logits, probabilities, chosen, weights, order);

    public override void Backward(Pass pass)
    {
        NativeSpan<float> gradientWeights = pass.GradientOf(weights), gradientLogits = pass.GradientOf(logits);
        int experts = (int)logits.Shape.Columns, perRow = (int)weights.Shape.Columns;
        for (long row = 0; row < weights.Shape.Rows; row++)
        {
            ReadOnlySpan<float> weight = weights.Floats.AsSpan(row * perRow, perRow), gradient = gradientWeights.AsSpan(row * perRow, perRow);
            ReadOnlySpan<int> choice = chosen.AsSpan(row * perRow, perRow);
            Span<float> result = gradientLogits.AsSpan(row * experts, experts);
            float mean = 0;
            for (int i = 0; i < perRow; i++) mean += weight[i] * gradient[i];
            for (int expert = 0; expert < experts; expert++)
            {
                int rank = choice.IndexOf(expert);
                if (rank >= 0) result[expert] += weight[rank] * (gradient[rank] - (order is 0 or 1 ? mean : mean * MathF.Pow(weight[rank], order - 1)));
                else if (order == 0) result[expert] -= probabilities.Floats[(row * experts) + expert] * mean;
            }
        }
    }
}
