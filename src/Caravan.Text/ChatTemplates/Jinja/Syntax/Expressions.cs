namespace Caravan.Text.Jinja;

/// <summary>Something with a value.</summary>
/// <param name="Line">The line where it stands.</param>
internal abstract record Expression(int Line);

/// <summary>A value that is written out.</summary>
internal sealed record Literal(object Value, int Line) : Expression(Line);

/// <summary>A variable.</summary>
internal sealed record Variable(string Name, int Line) : Expression(Line);

/// <summary><c>(a, b)</c>.</summary>
internal sealed record TupleDisplay(IReadOnlyList<Expression> Items, int Line) : Expression(Line);

/// <summary><c>[a, b]</c>.</summary>
internal sealed record ListDisplay(IReadOnlyList<Expression> Items, int Line) : Expression(Line);

/// <summary><c>{a: b}</c>.</summary>
internal sealed record DictDisplay(IReadOnlyList<(Expression Key, Expression Value)> Items, int Line) : Expression(Line);

/// <summary><c>a.name</c>.</summary>
internal sealed record AttributeOf(Expression Target, string Name, int Line) : Expression(Line);

/// <summary><c>a[key]</c>.</summary>
internal sealed record ItemOf(Expression Target, Expression Key, int Line) : Expression(Line);

/// <summary><c>a[start:stop:step]</c>; each may be absent.</summary>
internal sealed record SliceOf(Expression Target, Expression? Start, Expression? Stop, Expression? Step, int Line) : Expression(Line);

/// <summary><c>a(…)</c>.</summary>
internal sealed record CallOf(Expression Target, CallArguments Arguments, int Line) : Expression(Line);

/// <summary><c>a|name(…)</c>.</summary>
internal sealed record Filtered(Expression Target, string Name, CallArguments Arguments, int Line) : Expression(Line);

/// <summary><c>a is name(…)</c>.</summary>
internal sealed record Tested(Expression Target, string Name, CallArguments Arguments, int Line) : Expression(Line);

/// <summary><c>not a</c>.</summary>
internal sealed record Negation(Expression Operand, int Line) : Expression(Line);

/// <summary><c>-a</c> or <c>+a</c>.</summary>
internal sealed record Signed(char Sign, Expression Operand, int Line) : Expression(Line);

/// <summary><c>a + b</c> and its like.</summary>
internal sealed record Arithmetic(string Operator, Expression Left, Expression Right, int Line) : Expression(Line);

/// <summary><c>a ~ b ~ c</c>.</summary>
internal sealed record Concatenation(IReadOnlyList<Expression> Items, int Line) : Expression(Line);

/// <summary><c>a and b</c> or <c>a or b</c>: the operand that decides.</summary>
internal sealed record Logical(bool IsAnd, Expression Left, Expression Right, int Line) : Expression(Line);

/// <summary><c>a &lt; b &lt;= c</c>: all neighbours compare so.</summary>
internal sealed record Comparison(Expression First, IReadOnlyList<(string Operator, Expression Operand)> Rest, int Line) : Expression(Line);

/// <summary><c>a if test else b</c>.</summary>
internal sealed record Conditional(Expression Test, Expression Then, Expression? Else, int Line) : Expression(Line);

/// <summary>What is passed to a call: values, named values, <c>*list</c> and <c>**dict</c>.</summary>
internal sealed record CallArguments(
    IReadOnlyList<Expression> Positional, IReadOnlyList<(string Name, Expression Value)> Named, Expression? Rest, Expression? NamedRest)
{
    /// <summary>No arguments.</summary>
    public static readonly CallArguments None = new([], [], null, null);
}
