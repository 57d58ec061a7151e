namespace Caravan.Tensors.Tests;

/// <summary>
/// A formula over <see cref="Real"/> whose gradients follow from it: reverse-mode differentiation, one number at a time. It serves recurrences,
/// whose gradients by hand would be the kernel once more.
/// </summary>
internal sealed class Graph
{
    private readonly List<Node> nodes = [];

    /// <summary>The results of a formula.</summary>
    public static Real[] Forward(double[][] inputs, Func<Graph, Node[][], Node[]> formula)
    {
        Graph graph = new();
        return [.. formula(graph, graph.Leaves(inputs)).Select(node => node.Value)];
    }

    /// <summary>The gradients of Σ c · result for every input.</summary>
    public static Real[][] Backward(double[][] inputs, double[] c, Func<Graph, Node[][], Node[]> formula)
    {
        Graph graph = new();
        Node[][] leaves = graph.Leaves(inputs);
        Node[] results = formula(graph, leaves);
        for (int i = 0; i < results.Length; i++) results[i].Terms.Add(c[i]);
        for (int i = graph.nodes.Count - 1; i >= 0; i--) graph.nodes[i].Propagate();
        return [.. leaves.Select(input => input.Select(leaf => leaf.Gradient).ToArray())];
    }

    /// <summary>A number that does not depend on the inputs.</summary>
    public Node Constant(Real value) => Add(value);

    public Node Exp(Node x)
    {
        Real value = Real.Exp(x.Value);
        return Add(value, (x, value));
    }

    public Node Sqrt(Node x)
    {
        Real value = Real.Sqrt(x.Value);
        return Add(value, (x, (Real)0.5 / value));
    }

    private Node[][] Leaves(double[][] inputs) => [.. inputs.Select(input => input.Select(value => Add(value)).ToArray())];

    private Node Add(Real value, params (Node Input, Real Slope)[] inputs)
    {
        Node node = new(this, value, inputs);
        nodes.Add(node);
        return node;
    }

    /// <summary>A number of the formula.</summary>
    internal sealed class Node(Graph graph, Real value, (Node Input, Real Slope)[] inputs)
    {
        public Real Value => value;

        /// <summary>What results say of this number.</summary>
        public List<Real> Terms { get; } = [];

        /// <summary>Their sum, in whatever order.</summary>
        public Real Gradient => Real.Sum(Terms);

        public static Node operator +(Node a, Node b) => a.With(a.Value + b.Value, (a, 1), (b, 1));

        public static Node operator -(Node a, Node b) => a.With(a.Value - b.Value, (a, 1), (b, -1));

        public static Node operator *(Node a, Node b) => a.With(a.Value * b.Value, (a, b.Value), (b, a.Value));

        public static Node operator /(Node a, Node b)
        {
            Real quotient = a.Value / b.Value;
            return a.With(quotient, (a, (Real)1 / b.Value), (b, -(quotient / b.Value)));
        }

        public void Propagate()
        {
            if (Terms.Count == 0) return;
            Real gradient = Gradient;
            foreach ((Node input, Real slope) in inputs) input.Terms.Add(slope is { Value: 1, Error: 0 } ? gradient : gradient * slope);
        }

        private Node With(Real result, params (Node, Real)[] from) => graph.Add(result, from);
    }
}
