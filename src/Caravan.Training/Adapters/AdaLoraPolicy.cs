using Caravan.Models;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Training;

/// <summary>
/// Gives directions to the layers where they count (Zhang et al. 2023, "AdaLoRA"): keeps P and Q near orthogonal by
/// γ · Σ (‖PᵀP − I‖² + ‖QQᵀ − I‖²) (eq. 4), follows how much the loss depends on each element and how surely (eq. 8-10), and keeps open the
/// directions that count the most, as many as a shrinking budget allows (eq. 5, 12).
/// </summary>
internal sealed class AdaLoraPolicy : AdapterPolicy
{
    private readonly AdaLoraBudget budget;
    private readonly double orthogonality;
    private readonly float sensitivityDecay, uncertaintyDecay;
    private readonly List<Layer> layers = [];

    /// <summary>A policy for an adapter whose layers have gates.</summary>
    /// <param name="adapter">What is learnt; stays the caller's.</param>
    /// <param name="budget">How many directions may be open.</param>
    /// <param name="orthogonality">γ; 0 for no penalty.</param>
    /// <param name="sensitivityDecay">β₁ of the mean of sensitivities.</param>
    /// <param name="uncertaintyDecay">β₂ of the mean of their distances from that mean.</param>
    public AdaLoraPolicy(Adapter adapter, AdaLoraBudget budget, double orthogonality, double sensitivityDecay, double uncertaintyDecay)
    {
        (this.budget, this.orthogonality) = (budget, orthogonality);
        (this.sensitivityDecay, this.uncertaintyDecay) = ((float)sensitivityDecay, (float)uncertaintyDecay);
        foreach (LinearAdapter linear in adapter.Linears.Values)
            if (linear is LoraAdapter { Gate: not null } lora) layers.Add(new Layer(lora));
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Tensor Values)> State => layers.SelectMany(layer => layer.State);

    /// <inheritdoc/>
    public override Tensor? Penalty(Pass pass)
    {
        if (orthogonality == 0) return null;
        Tensor? sum = null;
        foreach (Layer layer in layers)
        {
            Tensor both = Add.Forward(pass, Skew(pass, layer.Adapter.Down, directionsAreRows: true), Skew(pass, layer.Adapter.Up, directionsAreRows: false));
            sum = sum is null ? both : Add.Forward(pass, sum, both);
        }

        return sum;
    }

    /// <inheritdoc/>
    public override void AfterStep(int step, double rate)
    {
        int taken = step + 1;
        if (taken <= budget.LastChoice)
            foreach (Layer layer in layers) layer.Observe(sensitivityDecay, uncertaintyDecay);
        if (budget.Chooses(taken)) Choose(budget.At(taken));
        if (taken >= budget.LastChoice)
            foreach (Layer layer in layers) layer.Close();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (Layer layer in layers) layer.Dispose();
        base.Dispose();
    }

    /// <summary>Closes all but the most important directions.</summary>
    private void Choose(int open)
    {
        (double Score, Layer Layer, int Direction)[] ranked =
            [.. layers.SelectMany(layer => layer.Scores().Select((score, direction) => (score, layer, direction))).OrderByDescending(one => one.score)];
        for (int i = 0; i < ranked.Length; i++) ranked[i].Layer.Open.Floats[ranked[i].Direction] = i < open ? 1 : 0;
        foreach (Layer layer in layers) layer.Close();
    }

    /// <summary>γ‖M − I‖² for the products M of directions with each other, whose gradient is 4γ · (M − I) times the directions.</summary>
    private Tensor Skew(Pass pass, Tensor matrix, bool directionsAreRows)
    {
        int rank = checked((int)(directionsAreRows ? matrix.Shape[0] : matrix.Shape[1])), length = checked((int)(matrix.Shape.Elements / rank));
        float[] gradient = new float[matrix.Shape.Elements];
        double value = 0;
        for (int i = 0; i < rank; i++)
        {
            for (int j = 0; j < rank; j++)
            {
                double product = i == j ? -1 : 0;
                for (int k = 0; k < length; k++) product += (double)matrix.Floats[At(i, k)] * matrix.Floats[At(j, k)];
                value += orthogonality * product * product;
                for (int k = 0; k < length; k++) gradient[At(i, k)] += (float)(4 * orthogonality * product * matrix.Floats[At(j, k)]);
            }
        }

        return Objective.Forward(pass, matrix, value, gradient);
        int At(int direction, int element) => directionsAreRows ? (direction * length) + element : (element * rank) + direction;
    }

    /// <summary>What is known of a layer's elements: Ī and Ū of eq. 9 and 10 for Q, P and Λ in turn, and which directions are open.</summary>
    private sealed class Layer : IDisposable
    {
        private readonly (Tensor Values, Tensor Sensitivity, Tensor Uncertainty)[] followed;

        public Layer(LoraAdapter adapter)
        {
            Adapter = adapter;
            followed = [.. adapter.Tensors.Select(tensor => (tensor.Tensor, Like(tensor.Tensor, "sensitivity"), Like(tensor.Tensor, "uncertainty")))];
            Open = Like(adapter.Gate!, "open");
            Open.Floats.AsSpan().Fill(1);
        }

        public LoraAdapter Adapter { get; }

        /// <summary>[r, 1]: 1 for open directions, 0 for closed ones.</summary>
        public Tensor Open { get; }

        public IEnumerable<(string Name, Tensor Values)> State =>
            [.. followed.SelectMany(one => (Tensor[])[one.Sensitivity, one.Uncertainty]).Append(Open).Select(tensor => (tensor.Name!, tensor))];

        public void Observe(float sensitivityDecay, float uncertaintyDecay)
        {
            foreach ((Tensor values, Tensor sensitivity, Tensor uncertainty) in followed)
            {
                for (long i = 0; i < values.Shape.Elements; i++)
                {
                    float now = MathF.Abs(values.Floats[i] * values.Gradient!.Floats[i]);
                    float mean = (sensitivityDecay * sensitivity.Floats[i]) + ((1 - sensitivityDecay) * now);
                    sensitivity.Floats[i] = mean;
                    uncertainty.Floats[i] = (uncertaintyDecay * uncertainty.Floats[i]) + ((1 - uncertaintyDecay) * MathF.Abs(now - mean));
                }
            }
        }

        /// <summary>S of eq. 5: of each direction the importance of its number, and the mean ones of its row of Q and its column of P.</summary>
        public double[] Scores()
        {
            double[] scores = new double[Adapter.Rank];
            foreach (((Tensor values, Tensor sensitivity, Tensor uncertainty), AdapterRole role) in followed.Zip(Adapter.Tensors.Select(tensor => tensor.Role)))
            {
                long each = values.Shape.Elements / Adapter.Rank;
                for (long i = 0; i < values.Shape.Elements; i++)
                    scores[role == AdapterRole.Up ? i % Adapter.Rank : i / each] += (double)sensitivity.Floats[i] * uncertainty.Floats[i] / each;
            }

            return scores;
        }

        public void Close()
        {
            for (long i = 0; i < Adapter.Rank; i++)
                if (Open.Floats[i] == 0) Adapter.Gate!.Floats[i] = 0;
        }

        public void Dispose()
        {
            foreach ((_, Tensor sensitivity, Tensor uncertainty) in followed)
            {
                sensitivity.Dispose();
                uncertainty.Dispose();
            }

            Open.Dispose();
        }

        private static Tensor Like(Tensor tensor, string name) => Tensor.Allocate(tensor.Shape, name: $"{tensor.Name}.{name}");
    }
}
