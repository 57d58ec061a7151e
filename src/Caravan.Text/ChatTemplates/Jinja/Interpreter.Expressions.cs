using System.Text;

namespace Caravan.Text.Jinja;

/// <summary>Evaluates expressions.</summary>
internal sealed partial class Interpreter
{
    private string? captured;

    /// <summary>The value of an expression in a scope.</summary>
    public object Evaluate(Expression expression, Scope inner)
    {
        Scope outer = scope;
        scope = inner;
        object value = Evaluate(expression);
        scope = outer;
        return value;
    }

    /// <summary>Calls a value.</summary>
    /// <exception cref="CaravanException">It is no function, or the arguments do not fit it.</exception>
    public object Call(object target, Arguments arguments)
    {
        if (target is not Callable function)
        {
            throw target is Undefined undefined
                ? Budget.Fail($"calls a value, but {undefined.Problem}")
                : Budget.Fail($"calls a {PythonType.Name(target)}, which is no function");
        }

        Budget.Enter();
        object result = function.Call(this, arguments);
        Budget.Leave();
        return result;
    }

    private object Evaluate(Expression expression)
    {
        Budget.Enter();
        Budget.Step();
        Budget.Line = expression.Line;
        object value = expression switch
        {
            Literal literal => literal.Value,
            Variable variable => scope.Find(variable.Name) ?? new Undefined($"'{variable.Name}' is undefined"),
            AttributeOf attribute => Members.Attribute(Evaluate(attribute.Target), attribute.Name, Budget),
            ItemOf item => Members.Item(Evaluate(item.Target), Evaluate(item.Key), Budget),
            SliceOf slice => Members.Slice(Evaluate(slice.Target), Bound(slice.Start), Bound(slice.Stop), Bound(slice.Step), Budget),
            CallOf call => Call(Evaluate(call.Target), Evaluated(call.Arguments)),
            Filtered filtered => Apply(filtered),
            Tested tested => Test(tested),
            Comparison comparison => Compare(comparison),
            Negation negation => !PythonType.IsTrue(Evaluate(negation.Operand)),
            Logical logical => Decide(logical),
            Conditional conditional => Choose(conditional),
            Concatenation concatenation => Join(concatenation),
            Arithmetic arithmetic => PythonArithmetic.Apply(arithmetic.Operator, Evaluate(arithmetic.Left), Evaluate(arithmetic.Right), Budget),
            Signed signed => PythonArithmetic.Signed(signed.Sign, Evaluate(signed.Operand), Budget),
            TupleDisplay tuple => tuple.Items.Select(Evaluate).ToArray(),
            ListDisplay list => new List<object>(list.Items.Select(Evaluate)),
            DictDisplay dict => Dict(dict),
            Captured => captured!,
            _ => throw new NotSupportedException(expression.GetType().Name),
        };
        Budget.Leave();
        return value;
    }

    private object Bound(Expression? bound) => bound is null ? None.Value : Evaluate(bound);

    private object Apply(Filtered filtered)
    {
        object self = Evaluate(filtered.Target);
        Arguments arguments = Evaluated(filtered.Arguments);
        Budget.Line = filtered.Line;
        return Filters.Named(filtered.Name, Budget).Call(this, self, arguments);
    }

    private object Test(Tested tested)
    {
        object self = Evaluate(tested.Target);
        Arguments arguments = Evaluated(tested.Arguments);
        Budget.Line = tested.Line;
        return Tests.Named(tested.Name, Budget).Call(this, self, arguments);
    }

    private object Compare(Comparison comparison)
    {
        object left = Evaluate(comparison.First);
        foreach ((string sign, Expression operand) in comparison.Rest)
        {
            object right = Evaluate(operand);
            if (!Holds(sign, left, right)) return false;
            left = right;
        }

        return true;
    }

    private bool Holds(string sign, object left, object right) => sign switch
    {
        "==" => PythonOrder.AreEqual(left, right, Budget),
        "!=" => !PythonOrder.AreEqual(left, right, Budget),
        "in" => PythonOrder.Contains(right, left, Budget),
        "not in" => !PythonOrder.Contains(right, left, Budget),
        "<" => PythonOrder.Compare(left, right, Budget) < 0,
        "<=" => PythonOrder.Compare(left, right, Budget) <= 0,
        ">" => PythonOrder.Compare(left, right, Budget) > 0,
        _ => PythonOrder.Compare(left, right, Budget) >= 0,
    };

    private object Decide(Logical logical)
    {
        object left = Evaluate(logical.Left);
        return PythonType.IsTrue(left) == logical.IsAnd ? Evaluate(logical.Right) : left;
    }

    private object Choose(Conditional conditional) =>
        PythonType.IsTrue(Evaluate(conditional.Test)) ? Evaluate(conditional.Then)
        : conditional.Else is { } other ? Evaluate(other)
        : new Undefined("the inline if-expression has no else and its test did not hold");

    private string Join(Concatenation concatenation)
    {
        StringBuilder text = new();
        foreach (Expression item in concatenation.Items) Budget.Append(text, PythonPrinter.Str(Evaluate(item), Budget));
        return text.ToString();
    }

    private PythonDict Dict(DictDisplay display)
    {
        PythonDict dict = new();
        foreach ((Expression key, Expression value) in display.Items) dict[KeyComparer.Key(Evaluate(key), Budget)] = Evaluate(value);
        return dict;
    }

    private Arguments Evaluated(CallArguments arguments)
    {
        if (arguments == CallArguments.None) return Arguments.None;
        List<object> positional = [.. arguments.Positional.Select(Evaluate)];
        Dictionary<string, object> named = [];
        foreach ((string name, Expression value) in arguments.Named) named[name] = Evaluate(value);
        if (arguments.Rest is not null) positional.AddRange(PythonType.Items(Evaluate(arguments.Rest), Budget));
        if (arguments.NamedRest is not null)
        {
            if (Evaluate(arguments.NamedRest) is not PythonDict more) throw Budget.Fail("passes what stands behind '**', which is no dict");
            foreach ((object key, object value) in more) named[PythonPrinter.Str(key, Budget)] = value;
        }

        return new Arguments(positional, named);
    }
}
